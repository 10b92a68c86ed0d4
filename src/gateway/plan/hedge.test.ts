import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { leave, makeFailure, makeReply } from '../../../test/support/plan.ts'
import { endFakeTime } from '../../../test/support/pursuit.ts'
import type { ByteSource } from '../../core/bytes.ts'
import { Cancellation, type CancelSignal } from '../../core/cancel.ts'
import { toGatewayError } from '../../core/error.ts'
import type { Reply } from '../../core/reply.ts'
import { HedgeBudget, race } from './hedge.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(endFakeTime)

/** One that answers, or fails, when the test says so; and fails when it is canceled. */
class Runner {
  signal: CancelSignal | undefined
  readonly start = (signal: CancelSignal): Promise<Reply> => {
    this.signal = signal
    return new Promise((resolve, reject) => {
      this.answer = (reply = makeReply('')): void => resolve(reply)
      this.fail = reject
      signal.addEventListener('abort', () => reject(toGatewayError(signal.reason)))
    })
  }
  answer: (reply?: Reply) => void = () => undefined
  fail: (error: unknown) => void = () => undefined
}

let first: Runner
let second: Runner
let client: Cancellation

beforeEach(() => {
  first = new Runner()
  second = new Runner()
  client = new Cancellation()
})

function start(offer: () => typeof second.start | undefined = () => second.start): Promise<Reply> {
  const reply = race({ afterMs: 800, signal: client, first: first.start, second: offer })
  // Some tests look at it later.
  reply.catch(() => undefined)
  return reply
}

describe('a race', () => {
  test('begins when the first one is late, and not before', () => {
    void start()
    vi.advanceTimersByTime(799)
    expect(second.signal).toBeUndefined()
    vi.advanceTimersByTime(1)
    expect(second.signal).toBeDefined()
    leave(client)
  })

  test('does not take place when the first one answers or fails in time', async () => {
    const offer = vi.fn<() => undefined>()
    const answered = start(offer)
    first.answer()
    await answered
    const failed = start(offer)
    first.fail(makeFailure('server_error'))
    await expect(failed).rejects.toMatchObject({ kind: 'server_error' })
    vi.advanceTimersByTime(2000)
    expect(offer).not.toHaveBeenCalled()
  })

  test('is not one when there is nobody to race', async () => {
    const reply = start(() => undefined)
    await vi.advanceTimersByTimeAsync(5000)
    first.answer(makeReply('late'))
    await expect(reply).resolves.toMatchObject({ body: { text: 'late' } })
  })

  test.each(['first', 'second'] as const)(
    'is won by the %s one, and the other is canceled',
    async (winner) => {
      const reply = start()
      await vi.advanceTimersByTimeAsync(800)
      const [won, lost] = winner === 'first' ? [first, second] : [second, first]
      won.answer(makeReply(winner))
      await expect(reply).resolves.toMatchObject({ body: { text: winner } })
      expect(lost.signal).toMatchObject({ aborted: true, reason: { kind: 'canceled' } })
      await vi.advanceTimersByTimeAsync(5000)
      expect(won.signal?.aborted).toBe(false)
    },
  )

  test("goes on when one has failed, and is the other's", async () => {
    const reply = start()
    await vi.advanceTimersByTimeAsync(800)
    first.fail(makeFailure('server_error'))
    await vi.advanceTimersByTimeAsync(800)
    second.answer(makeReply('second'))
    await expect(reply).resolves.toMatchObject({ body: { text: 'second' } })
  })

  test.each([true, false])(
    "that both lose fails with the first one's failure (it failed sooner: %s)",
    async (isSooner) => {
      const reply = start()
      await vi.advanceTimersByTimeAsync(800)
      const fails = [
        (): void => first.fail(makeFailure('server_error')),
        (): void => second.fail(makeFailure('rate_limit')),
      ]
      for (const fail of isSooner ? fails : fails.toReversed()) {
        fail()
        await vi.advanceTimersByTimeAsync(1)
      }
      await expect(reply).rejects.toMatchObject({ kind: 'server_error' })
    },
  )

  test('ends with the client, for both', async () => {
    const reply = start()
    await vi.advanceTimersByTimeAsync(800)
    leave(client)
    await expect(reply).rejects.toMatchObject({ kind: 'canceled' })
    expect([first.signal?.aborted, second.signal?.aborted]).toEqual([true, true])
  })

  test('ends with the client who leaves the winner, too', async () => {
    const reply = start()
    await vi.advanceTimersByTimeAsync(800)
    second.answer()
    await reply
    leave(client)
    expect(second.signal?.reason).toMatchObject({ kind: 'canceled' })
  })

  test('frees the connection of a loser whose answer is there at the same moment', async () => {
    const cancel = vi.fn<() => void>()
    const source: ByteSource<string> = {
      flow: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
      cancel,
    }
    const reply = start()
    await vi.advanceTimersByTimeAsync(800)
    first.answer(makeReply('first'))
    second.answer({ body: { type: 'stream', source }, dropped: [], finished: Promise.resolve({}) })
    await expect(reply).resolves.toMatchObject({ body: { text: 'first' } })
    await vi.advanceTimersByTimeAsync(0)
    expect(cancel).toHaveBeenCalledOnce()
  })
})

describe('the hedge budget', () => {
  test.each([
    [0.05, 1000, 50],
    [0.5, 100, 50],
    [1, 20, 20],
  ])('of %f lets of %i late requests %i be raced, and one more', (share, requests, raced) => {
    const budget = new HedgeBudget(share)
    let count = 0
    for (let index = 0; index < requests; index++) {
      budget.request()
      if (budget.take()) count++
    }
    expect(count).toBeGreaterThanOrEqual(raced)
    expect(count).toBeLessThanOrEqual(raced + 1)
  })

  test('saves up no more than ten for a storm', () => {
    const budget = new HedgeBudget(0.5)
    for (let index = 0; index < 10_000; index++) budget.request()
    let count = 0
    while (budget.take()) count++
    expect(count).toBe(10)
  })

  test('of nothing never races', () => {
    const budget = new HedgeBudget(0)
    budget.request()
    expect([budget.take(), budget.take()]).toEqual([false, false])
  })
})
