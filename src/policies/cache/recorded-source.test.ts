import { describe, expect, test, vi } from 'vitest'
import { TestSink, TestStream } from '../../../test/support/cache-call.ts'
import { GatewayError } from '../../core/error.ts'
import { RecordedSource, type Recording } from './recorded-source.ts'

const BROKEN = new GatewayError('broken', { kind: 'truncated', status: 502 })

function record(maxBytes = 100): {
  upstream: TestStream
  source: RecordedSource
  sink: TestSink
  done: (recording: Recording) => void
  recording: () => string
} {
  const upstream = new TestStream()
  const done = vi.fn<(recording: Recording) => void>()
  const source = new RecordedSource(upstream, maxBytes, done)
  const sink = new TestSink()
  source.flow(sink)
  return { upstream, source, sink, done, recording: () => String(done.mock.lastCall?.[0]) }
}

describe('a stream that is recorded', () => {
  test('reaches the client as it comes, and is complete at its end', () => {
    const { upstream, sink, done, recording } = record()
    upstream.write('a', Buffer.from('ä'))
    expect(sink).toMatchObject({ chunks: ['a', 'ä'], ended: undefined })
    expect(done).not.toHaveBeenCalled()
    upstream.end()
    expect(sink.ended).toBe('end')
    expect(done).toHaveBeenCalledOnce()
    expect(recording()).toBe('a,ä')
  })

  test('is read on while its client pauses, which gets the rest later', () => {
    const { upstream, source, sink, recording } = record()
    source.pause()
    upstream.write('a', 'b')
    upstream.end()
    expect(upstream.isPaused).toBe(false)
    expect(recording()).toBe('a,b')
    expect(sink).toMatchObject({ chunks: [], ended: undefined })
    sink.onData = (): void => source.pause()
    source.resume()
    expect(sink).toMatchObject({ chunks: ['a'], ended: undefined })
    source.resume()
    source.resume()
    expect(sink).toMatchObject({ chunks: ['a', 'b'], ended: 'end' })
  })

  test('is held back by its client once it is too large to keep', () => {
    const { upstream, source, sink, done } = record(3)
    source.pause()
    upstream.write('abc')
    expect(upstream.isPaused).toBe(false)
    upstream.write('d')
    expect(upstream.isPaused).toBe(true)
    expect(done).toHaveBeenCalledExactlyOnceWith('nothing')
    source.resume()
    expect(upstream.isPaused).toBe(false)
    upstream.write('e')
    source.pause()
    expect(upstream.isPaused).toBe(true)
    source.resume()
    upstream.end()
    expect(sink).toMatchObject({ chunks: ['abc', 'd', 'e'], ended: 'end' })
    expect(done).toHaveBeenCalledOnce()
  })

  test('that breaks off is not kept, and breaks off for its client after what came before', () => {
    const { upstream, source, sink, done } = record()
    source.pause()
    upstream.write('a')
    upstream.break(BROKEN)
    expect(done).toHaveBeenCalledExactlyOnceWith('nothing')
    expect(sink.ended).toBeUndefined()
    source.resume()
    expect(sink).toMatchObject({ chunks: ['a'], ended: BROKEN })
  })

  test('is stopped when its client leaves', () => {
    const { upstream, source, sink, done } = record()
    upstream.write('a')
    source.cancel()
    expect(upstream.isCanceled).toBe(true)
    expect(done).toHaveBeenCalledExactlyOnceWith('left')
    upstream.write('b')
    expect(sink).toMatchObject({ chunks: ['a'], ended: undefined })
  })

  test('stays kept when its client leaves after the end', () => {
    const { upstream, source, done, recording } = record()
    source.pause()
    upstream.write('a')
    upstream.end()
    source.cancel()
    expect(done).toHaveBeenCalledOnce()
    expect(recording()).toBe('a')
  })
})
