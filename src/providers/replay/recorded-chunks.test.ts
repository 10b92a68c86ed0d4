import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ByteSink } from '../../core/bytes.ts'
import { Cancellation } from '../../core/cancel.ts'
import { GatewayError } from '../../core/error.ts'
import { TimedSource } from '../timed-source.ts'
import { recordedChunks } from './recorded-chunks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const LEFT = new GatewayError('left', { kind: 'canceled', status: 499 })
const TEXTS = Array.from({ length: 50 }, (_, index) => String(index))

function setUp({
  texts = TEXTS,
  headMs,
  failure,
}: { texts?: string[]; headMs?: number; failure?: GatewayError } = {}) {
  const log: string[] = []
  const signal = new Cancellation()
  const onSettled = vi.fn<() => void>()
  const chunks = texts.map((text, index) => ({ ms: index * 10, text }))
  const source = new TimedSource({
    chunks: recordedChunks({ chunks, headMs, failure }),
    signal,
    onSettled,
  })
  const sink = {
    onData: (_text: string): void => undefined,
    data(chunk: Buffer): void {
      log.push(String(chunk))
      this.onData(String(chunk))
    },
    end: () => void log.push('end'),
    error: ({ kind }: GatewayError) => void log.push(kind),
  } satisfies ByteSink & { onData(text: string): void }
  return { source, sink, log, signal, onSettled }
}

test('nothing comes before flow, and nothing within it', async () => {
  const { source, sink, log } = setUp({ texts: ['a'] })
  await vi.advanceTimersByTimeAsync(100)
  source.flow(sink)
  expect(log).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(log).toEqual(['a', 'end'])
})

test.each([undefined, 0])('a sink that pauses gets nothing until it resumes (from %s ms)', async (headMs) => {
  const { source, sink, log } = setUp(headMs === undefined ? {} : { headMs })
  sink.onData = (text) => {
    if (text === '4') source.pause()
  }
  source.flow(sink)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(log).toEqual(TEXTS.slice(0, 5))
  expect(vi.getTimerCount()).toBe(0)
  source.resume()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(log).toEqual([...TEXTS, 'end'])
})

test('an answer that was held back goes on at its pace', async () => {
  const { source, sink, log } = setUp({ headMs: 0 })
  sink.onData = (text) => {
    if (text === '4') source.pause()
  }
  source.flow(sink)
  await vi.advanceTimersByTimeAsync(1000)
  source.resume()
  await vi.advanceTimersByTimeAsync(21)
  expect(log.length).toBeLessThan(10)
})

test('cancel stops at once and leaves no timer', async () => {
  const { source, sink, log, signal, onSettled } = setUp()
  sink.onData = (text) => {
    if (text === '1') source.cancel()
  }
  source.flow(sink)
  await vi.advanceTimersByTimeAsync(100)
  signal.abort(LEFT)
  source.resume()
  await vi.advanceTimersByTimeAsync(100)
  expect(log).toEqual(['0', '1'])
  expect(vi.getTimerCount()).toBe(0)
  expect(onSettled).toHaveBeenCalledTimes(1)
})

test.each(['before flow', 'while flowing', 'while paused'])('an abort %s ends it, once', async (when) => {
  const { source, sink, log, signal } = setUp({ headMs: 0 })
  if (when !== 'before flow') source.flow(sink)
  await vi.advanceTimersByTimeAsync(15)
  if (when === 'while paused') source.pause()
  signal.abort(LEFT)
  if (when === 'before flow') source.flow(sink)
  await vi.advanceTimersByTimeAsync(1000)
  expect(log.filter((entry) => entry === 'canceled')).toHaveLength(1)
  expect(log.at(-1)).toBe('canceled')
  expect(log.length).toBeLessThan(5)
})

test('a failure comes after all that came before it', async () => {
  const failure = new GatewayError('cut', { kind: 'truncated', status: 502 })
  const { source, sink, log } = setUp({ failure })
  source.flow(sink)
  await vi.advanceTimersByTimeAsync(100)
  expect(log).toEqual([...TEXTS, 'truncated'])
})
