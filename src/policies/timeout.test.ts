import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeCall } from '../../test/support/call.ts'
import type { Call } from '../core/call.ts'
import { GatewayError } from '../core/error.ts'
import type { Next } from '../core/policy.ts'
import type { Finish, Reply } from '../core/reply.ts'
import { timeout } from './timeout.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const CHAT = '{"messages":[{"role":"user","content":"hi"}]}'

/** A provider that answers when told to, or fails as soon as its signal is aborted. */
class Slow {
  signal: Call['signal'] | undefined
  answer: (reply: Reply) => void = () => undefined
  finish: (finish: Finish) => void = () => undefined
  readonly #finished = new Promise<Finish>((resolve) => {
    this.finish = resolve
  })

  readonly next: Next = ({ signal }) =>
    new Promise((resolve, reject) => {
      this.signal = signal
      this.answer = resolve
      signal.addEventListener('abort', () => reject(signal.reason))
    })

  begin(): void {
    this.answer({ body: { type: 'whole', text: '' }, dropped: [], finished: this.#finished })
  }
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

describe('the timeout', () => {
  test('is around each attempt', () => {
    expect(timeout).toMatchObject({ name: 'timeout', around: 'attempt' })
  })

  test.each([
    [{}, 300_000, 'The provider did not give an answer within 300 seconds.'],
    [{ total: 1500 }, 1500, 'The provider did not give an answer within 1.5 seconds.'],
    [
      { total: 9000, first_token: 250 },
      250,
      'The provider did not give its first content within 0.25 seconds.',
    ],
    [{ total: 100, first_token: 250 }, 100, 'The provider did not give an answer within 0.1 seconds.'],
  ])('with %j ends a call that has no answer after %i ms', async (options, ms, message) => {
    const slow = new Slow()
    const failed = vi.fn<(error: unknown) => void>()
    timeout.create(options)(makeCall(CHAT), slow.next).catch(failed)
    await vi.advanceTimersByTimeAsync(ms - 1)
    expect(failed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(failed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ kind: 'timeout', status: 504, message }),
    )
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends a stream that takes too long in all, but not one whose first content was in time', async () => {
    const slow = new Slow()
    const reply = timeout.create({ total: 1000, first_token: 100 })(makeCall(CHAT), slow.next)
    slow.begin()
    await reply
    await vi.advanceTimersByTimeAsync(999)
    expect(slow.signal?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(slow.signal?.reason).toMatchObject({ kind: 'timeout' })
  })

  test('leaves no timer behind once the reply is finished', async () => {
    const slow = new Slow()
    const reply = timeout.create({ first_token: 100 })(makeCall(CHAT), slow.next)
    slow.begin()
    await reply
    expect(vi.getTimerCount()).toBe(1)
    slow.finish({})
    await settle()
    expect(vi.getTimerCount()).toBe(0)
    expect(slow.signal?.aborted).toBe(false)
  })

  test('leaves no timer behind after a failure, and passes it on as it is', async () => {
    const error = new GatewayError('x', { kind: 'connect', status: 502 })
    await expect(
      timeout.create({ first_token: 100 })(makeCall(CHAT), () => Promise.reject(error)),
    ).rejects.toBe(error)
    expect(vi.getTimerCount()).toBe(0)
  })

  test("leaves the caller's signal alone, and follows it", async () => {
    const call = makeCall(CHAT)
    const slow = new Slow()
    const reply = timeout.create({})(call, slow.next)
    const gone = new GatewayError('gone', { kind: 'canceled', status: 499 })
    call.signal.abort(gone)
    await expect(reply).rejects.toBe(gone)
    expect(vi.getTimerCount()).toBe(0)
  })

  test("does not abort the caller's signal when time is up", async () => {
    const call = makeCall(CHAT)
    const reply = timeout.create({ total: 5 })(call, new Slow().next)
    reply.catch(() => undefined)
    await vi.advanceTimersByTimeAsync(5)
    expect(call.signal.aborted).toBe(false)
    await expect(reply).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('no longer follows the caller once the reply is finished', async () => {
    const call = makeCall(CHAT)
    const slow = new Slow()
    const reply = timeout.create({})(call, slow.next)
    slow.begin()
    await reply
    slow.finish({})
    await settle()
    call.signal.abort(new GatewayError('gone', { kind: 'canceled', status: 499 }))
    expect(slow.signal?.aborted).toBe(false)
  })
})
