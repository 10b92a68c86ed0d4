import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GatewayError } from '../core/error.ts'
import { paced } from './mock/paced.ts'
import { TimedSource } from './timed-source.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('nothing is delivered before flow, and nothing within it', async () => {
  const { source, sink } = setUp({ chunks: ['a'] })
  await vi.advanceTimersByTimeAsync(1000)
  source.flow(sink)
  expect(sink.log).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(sink.log).toEqual(['a', 'end'])
})

test('chunks come one by one at the set rate, the first two at once', async () => {
  const { source, sink } = setUp({ chunks: ['roles', 'a', 'b', 'c'], intervalMs: 100 })
  source.flow(sink)
  await vi.advanceTimersByTimeAsync(1)
  expect(sink.log).toEqual(['roles', 'a'])
  await vi.advanceTimersByTimeAsync(99)
  expect(sink.log).toEqual(['roles', 'a', 'b'])
  await vi.advanceTimersByTimeAsync(300)
  expect(sink.log).toEqual(['roles', 'a', 'b', 'c', 'end'])
})

test('a rate faster than the timer is kept by several writes a tick', async () => {
  const { source, sink } = setUp({ chunks: Array.from({ length: 1000 }, () => 'x'), intervalMs: 0.1 })
  source.flow(sink)
  await vi.advanceTimersByTimeAsync(50)
  expect(sink.log.length).toBeGreaterThan(300)
  expect(sink.log.length).toBeLessThan(600)
})

test.each([0, 10])(
  'a paused source is silent and goes on without a gap (interval %d ms)',
  async (intervalMs) => {
    const chunks = Array.from({ length: 20 }, (_, index) => String(index))
    const { source, sink } = setUp({ chunks, intervalMs })
    sink.onData = (text) => {
      if (text === '4') source.pause()
    }
    source.flow(sink)
    await vi.advanceTimersByTimeAsync(1000)
    expect(sink.log).toEqual(chunks.slice(0, 5))
    expect(vi.getTimerCount()).toBe(0)
    source.resume()
    await vi.advanceTimersByTimeAsync(1000)
    expect(sink.log).toEqual([...chunks, 'end'])
  },
)

test.each([0, 10])(
  'cancel stops at once and leaves no timer and no listener (interval %d ms)',
  async (intervalMs) => {
    const { source, sink, abort, settled } = setUp({ chunks: ['a', 'b', 'c', 'd'], intervalMs })
    sink.onData = (text) => {
      if (text === 'b') source.cancel()
    }
    source.flow(sink)
    await vi.advanceTimersByTimeAsync(1000)
    abort.abort(gone())
    source.resume()
    await vi.advanceTimersByTimeAsync(1000)
    expect(sink.log).toEqual(['a', 'b'])
    expect(vi.getTimerCount()).toBe(0)
    expect(settled).toHaveBeenCalledTimes(1)
  },
)

test.each(['before flow', 'while flowing', 'while paused'])(
  'an abort %s ends in one error with its reason',
  async (when) => {
    const { source, sink, abort } = setUp({ chunks: ['a', 'b', 'c'], intervalMs: 10 })
    if (when !== 'before flow') {
      source.flow(sink)
      await vi.advanceTimersByTimeAsync(1)
    }
    if (when === 'while paused') source.pause()
    abort.abort(gone())
    await vi.advanceTimersByTimeAsync(100)
    if (when === 'before flow') {
      source.flow(sink)
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(sink.log.at(-1)).toBe('error: the client left')
    expect(sink.log.filter((entry) => entry.startsWith('e'))).toHaveLength(1)
    expect(sink.log.includes('c')).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  },
)

test('a long answer lets the event loop have its turn', async () => {
  vi.useRealTimers()
  const { source, sink } = setUp({ chunks: Array.from({ length: 1000 }, () => 'x') })
  let turns = 0
  const count = (): void => {
    turns++
    if (!sink.log.includes('end')) setImmediate(count)
  }
  setImmediate(count)
  await new Promise<void>((resolve) => {
    sink.onEnd = resolve
    source.flow(sink)
  })
  expect(turns).toBeGreaterThan(10)
})

interface Options {
  chunks: string[]
  intervalMs?: number
}

function setUp({ chunks, intervalMs = 0 }: Options) {
  const abort = new AbortController()
  const settled = vi.fn<() => void>()
  const source = new TimedSource({
    chunks: paced(chunks.values(), intervalMs),
    signal: abort.signal,
    onSettled: settled,
  })
  return { source, abort, settled, sink: new LogSink() }
}

class LogSink {
  readonly log: string[] = []
  onData: (text: string) => void = () => undefined
  onEnd: () => void = () => undefined

  data(chunk: Buffer): void {
    this.log.push(chunk.toString())
    this.onData(chunk.toString())
  }

  end(): void {
    this.log.push('end')
    this.onEnd()
  }

  error(error: GatewayError): void {
    this.log.push(`error: ${error.message}`)
  }
}

function gone(): GatewayError {
  return new GatewayError('the client left', { kind: 'canceled', status: 499 })
}
