import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TestSink } from '../../../test/support/cache-call.ts'
import { replay, ReplaySource } from './replay.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const buffers = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text))

describe('a kept answer', () => {
  test('tells its age in whole seconds, and never a negative one', () => {
    const entry = { isStream: false, dropped: ['a'], chunks: buffers('{}') }
    expect(replay({ ...entry, storedAt: Date.now() - 2999 })).toMatchObject({
      headers: { age: '2' },
      dropped: ['a'],
    })
    expect(replay({ ...entry, storedAt: Date.now() + 5000 }).headers).toEqual({ age: '0' })
  })

  test('reports no usage', async () => {
    const reply = replay({ isStream: false, dropped: [], chunks: buffers('{"usage":{}}'), storedAt: 0 })
    await expect(reply.finished).resolves.toEqual({})
  })
})

describe('a kept stream', () => {
  test('comes in as many writes as before', async () => {
    const source = new ReplaySource(buffers('a', 'b', 'c'))
    const sink = new TestSink()
    source.flow(sink)
    expect(sink).toMatchObject({ chunks: ['a', 'b', 'c'], ended: 'end' })
    await expect(source.finished).resolves.toEqual({})
  })

  test('waits for a client that has enough for now, also when that is after the last byte', () => {
    const source = new ReplaySource(buffers('a', 'b'))
    const sink = new TestSink()
    sink.onData = (): void => source.pause()
    source.flow(sink)
    expect(sink.chunks).toEqual(['a'])
    source.resume()
    expect(sink).toMatchObject({ chunks: ['a', 'b'], ended: undefined })
    source.resume()
    expect(sink.ended).toBe('end')
  })

  test('keeps its order when the client goes on while it is given a chunk', () => {
    const source = new ReplaySource(buffers('a', 'b', 'c'))
    const sink = new TestSink()
    sink.onData = (): void => {
      source.pause()
      source.resume()
    }
    source.flow(sink)
    expect(sink).toMatchObject({ chunks: ['a', 'b', 'c'], ended: 'end' })
  })

  test('ends for a client that leaves, and says that it left', async () => {
    const source = new ReplaySource(buffers('a', 'b'))
    const sink = new TestSink()
    sink.onData = (): void => source.cancel()
    source.flow(sink)
    source.resume()
    expect(sink).toMatchObject({ chunks: ['a'], ended: undefined })
    await expect(source.finished).resolves.toMatchObject({ error: { kind: 'canceled' } })
  })
})
