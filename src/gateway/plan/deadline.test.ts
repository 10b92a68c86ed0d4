import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { leave } from '../../../test/support/plan.ts'
import { endFakeTime } from '../../../test/support/pursuit.ts'
import { Cancellation } from '../../core/cancel.ts'
import { abortAfter, Deadline, pause } from './deadline.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(endFakeTime)

describe('a deadline', () => {
  test('fails what follows it when time is up, and says how long it was', () => {
    const deadline = new Deadline(new Cancellation(), 2500)
    vi.advanceTimersByTime(2499)
    expect(deadline.signal.aborted).toBe(false)
    expect(deadline.remainingMs).toBe(1)
    vi.advanceTimersByTime(1)
    expect(deadline.signal.reason).toMatchObject({
      kind: 'timeout',
      status: 504,
      message: 'The provider did not give an answer within 2.5 seconds.',
    })
  })

  test('passes on that the client left', () => {
    const client = new Cancellation()
    const deadline = new Deadline(client, 1000)
    leave(client)
    expect(deadline.signal.reason).toMatchObject({ kind: 'canceled' })
    deadline.done()
  })

  test('leaves neither a timer nor a listener behind', () => {
    const client = new Cancellation()
    const deadline = new Deadline(client, 1000)
    deadline.done()
    leave(client)
    vi.advanceTimersByTime(2000)
    expect(deadline.signal.aborted).toBe(false)
  })
})

test('a time limit says what had not come', () => {
  const signal = new Cancellation()
  abortAfter(signal, 30_000, 'its first content')
  vi.advanceTimersByTime(30_000)
  expect(signal.reason?.message).toBe('The provider did not give its first content within 30 seconds.')
})

describe('a pause', () => {
  test('takes as long as it is told', async () => {
    const over = vi.fn<() => void>()
    const paused = pause(100, new Cancellation()).then(over)
    await vi.advanceTimersByTimeAsync(99)
    expect(over).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await paused
    expect(over).toHaveBeenCalledOnce()
  })

  test('ends at once, with the reason, when the signal is aborted', async () => {
    const signal = new Cancellation()
    const paused = pause(100, signal)
    leave(signal)
    await expect(paused).rejects.toMatchObject({ kind: 'canceled' })
  })

  test('does not begin when the signal is aborted already', async () => {
    const signal = new Cancellation()
    leave(signal)
    await expect(pause(100, signal)).rejects.toMatchObject({ kind: 'canceled' })
  })

  test('takes its listener away', async () => {
    const signal = new Cancellation()
    const remove = vi.spyOn(signal, 'removeEventListener')
    const paused = pause(100, signal)
    await vi.advanceTimersByTimeAsync(100)
    await paused
    expect(remove).toHaveBeenCalledOnce()
  })
})
