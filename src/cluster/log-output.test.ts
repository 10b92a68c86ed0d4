import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LogOutput } from './log-output.ts'
import type { LogSink } from './log-sink.ts'

/** An output that takes what it is given when it is told to. */
class Sink implements LogSink {
  isGone = false
  readonly taken: string[] = []
  #open: { text: string; done: (error?: Error) => void } | undefined
  error: Error | undefined
  isHeld = false

  write(text: string, done: (error?: Error) => void): void {
    this.#open = { text, done }
    if (!this.isHeld) this.take()
  }

  take(): void {
    const open = this.#open
    this.#open = undefined
    if (!this.error && open) this.taken.push(open.text)
    open?.done(this.error)
  }

  writeNow(text: string): boolean {
    this.taken.push(text)
    return true
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(maxWaiting?: number) {
  const sink = new Sink()
  const recovered = vi.fn<(dropped: number) => void>()
  const output = new LogOutput({ sink, recovered, ...(maxWaiting !== undefined && { maxWaiting }) })
  return { sink, recovered, output }
}

const LINE = `${'x'.repeat(99)}\n`

describe('log lines', () => {
  test('go out together within 200 ms, and at once when a batch is full, lines never divided', () => {
    const { sink, output } = setUp()
    output.write(LINE)
    output.write(LINE)
    expect(sink.taken).toEqual([])
    vi.advanceTimersByTime(200)
    expect(sink.taken).toEqual([LINE + LINE])
    for (let count = 0; count < 41; count++) output.write(LINE)
    expect(sink.taken.slice(1)).toEqual([LINE.repeat(40)])
    expect(vi.getTimerCount()).toBe(1)
  })

  test('that an output does not take are kept up to a bound, then dropped and counted', () => {
    const { sink, output, recovered } = setUp(10_000)
    sink.isHeld = true
    for (let count = 0; count < 150; count++) output.write(LINE)
    expect(output.dropped).toBe(50)
    expect(recovered).not.toHaveBeenCalled()
    sink.isHeld = false
    sink.take()
    output.flush()
    expect(sink.taken.join('')).toBe(LINE.repeat(100))
    expect(recovered).toHaveBeenCalledExactlyOnceWith(50)
    output.write(LINE)
    output.flush()
    expect(recovered).toHaveBeenCalledOnce()
  })

  test('are written again after an error', () => {
    const { sink, output } = setUp()
    sink.error = new Error('ENOSPC')
    output.write(LINE)
    vi.advanceTimersByTime(5_000)
    expect(sink.taken).toEqual([])
    sink.error = undefined
    vi.advanceTimersByTime(1_000)
    expect(sink.taken).toEqual([LINE])
  })

  test('are dropped and counted when nobody will ever read them', () => {
    const { sink, output } = setUp()
    sink.isHeld = true
    output.write(LINE)
    output.write(LINE)
    vi.advanceTimersByTime(200)
    sink.error = new Error('EPIPE')
    sink.isGone = true
    const flushed = vi.fn<() => void>()
    output.flush(flushed)
    expect(flushed).not.toHaveBeenCalled()
    sink.take()
    expect(flushed).toHaveBeenCalledOnce()
    output.write(LINE)
    expect([output.dropped, sink.taken]).toEqual([3, []])
  })
})

describe('the last flush', () => {
  test('ends when everything is written', () => {
    const { sink, output } = setUp()
    sink.isHeld = true
    const flushed = vi.fn<() => void>()
    output.write(LINE)
    output.flush(flushed)
    sink.take()
    expect(flushed).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
    output.flush(flushed)
    expect(flushed).toHaveBeenCalledTimes(2)
  })

  test('ends after two seconds when the output takes nothing', () => {
    const { sink, output } = setUp()
    sink.isHeld = true
    const flushed = vi.fn<() => void>()
    output.write(LINE)
    output.flush(flushed)
    vi.advanceTimersByTime(1_999)
    expect(flushed).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(flushed).toHaveBeenCalledOnce()
  })

  test('of a dying process writes nothing twice', () => {
    const { sink, output } = setUp()
    sink.isHeld = true
    output.write(LINE)
    output.flush()
    output.write('last\n')
    output.flushNow()
    expect(sink.taken).toEqual(['last\n'])
  })
})
