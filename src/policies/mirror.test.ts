import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeTools } from '../../test/support/tools.ts'
import { makeCall } from '../../test/support/call.ts'
import type { ByteSink, ByteSource } from '../core/bytes.ts'
import type { Call } from '../core/call.ts'
import { Caller } from '../core/caller.ts'
import { Cancellation } from '../core/cancel.ts'
import type { ClientRequest } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { PolicyTools, UnseenCall } from '../core/policy.ts'
import type { Finish, Reply } from '../core/reply.ts'
import { Trail } from '../core/trail.ts'
import { Share } from './mirror-share.ts'
import { mirror } from './mirror.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
/** What hangs is over after a minute, so no test leaves copies to the next. */
afterEach(async () => {
  await vi.advanceTimersByTimeAsync(60_000)
  vi.useRealTimers()
})

const TEMPLATE = makeCall('{"messages":[{"role":"user","content":"hi"}]}')
const head = { headers: { authorization: 'a' }, search: new URLSearchParams() }
const whole: Reply = { body: { type: 'whole', text: 'ok' }, dropped: ['topK'], finished: Promise.resolve({}) }

function makeClientCall(request: ClientRequest = TEMPLATE.request): Call & { signal: Cancellation } {
  return { ...TEMPLATE, request, signal: new Cancellation(), caller: new Caller(head), trail: new Trail() }
}

/** A route with a mirror, whose copies go to `candidate`. */
class Mirrored {
  readonly copies: Call[] = []
  readonly order: string[] = []
  readonly unseen: UnseenCall[] = []
  readonly #percent: number
  candidate: PolicyTools['run'] = () => Promise.resolve(whole)
  #built: ((call: Call) => Promise<Reply>) | undefined

  constructor(percent = 100) {
    this.#percent = percent
  }

  readonly ask: (call?: Call) => Promise<Reply> = (call = makeClientCall()) => this.#layer(call)

  async settle(ms = 0): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms)
  }

  #layer(call: Call): Promise<Reply> {
    this.#built ??= this.#build()
    return this.#built(call)
  }

  #build(): (call: Call) => Promise<Reply> {
    const tools = makeTools({
      run: (route, call) => {
        this.order.push(route)
        this.copies.push(call)
        return this.candidate(route, call)
      },
      recordUnseen: (ended) => this.unseen.push(ended),
    })
    const layer = mirror.create({ route: 'candidate', percent: this.#percent }, tools)
    if (!layer) throw new Error('no layer')
    return (call) =>
      layer(call, () => {
        this.order.push('real')
        return Promise.resolve(whole)
      })
  }
}

/** A stream in hand: what is to come of it, and what was done to it. */
class Tap implements ByteSource<Buffer | string> {
  sink: ByteSink<Buffer | string> | undefined
  paused = 0
  canceled = 0
  flow(sink: ByteSink<Buffer | string>): void {
    this.sink = sink
  }
  pause(): void {
    this.paused++
  }
  resume(): void {}
  cancel(): void {
    this.canceled++
  }
}

function streamed(source: ByteSource<Buffer | string>, finished: Promise<Finish>): Reply {
  return { body: { type: 'stream', source }, dropped: [], finished }
}

const never = new Promise<never>(() => undefined)

describe('a mirror', () => {
  test('is no layer where none is configured, or for no request at all', () => {
    const tools = makeTools({
      route: TEMPLATE.route,
      run: () => never,
      recordUnseen: () => undefined,
    })
    expect(mirror.create(undefined, tools)).toBeUndefined()
    expect(mirror.create({ route: 'candidate', percent: 0 }, tools)).toBeUndefined()
  })

  test('sends a copy to another route once the request itself is on its way', async () => {
    const mirrored = new Mirrored()
    const call = makeClientCall()
    const reply = mirrored.ask(call)
    expect(mirrored.order).toEqual(['real'])
    expect(await reply).toBe(whole)
    await mirrored.settle()
    expect(mirrored.order).toEqual(['real', 'candidate'])
    const copy = mirrored.copies[0]
    expect(copy).toMatchObject({ id: 'c-mirror', request: call.request, caller: call.caller })
    expect(copy?.trail).not.toBe(call.trail)
    expect(call.trail.decisions).toEqual([{ by: 'mirror', what: 'copied to candidate' }])
  })

  test('records how the copy went', async () => {
    const mirrored = new Mirrored()
    const usage = { inputTokens: 1, outputTokens: 2 }
    mirrored.candidate = () =>
      new Promise((resolve) => {
        setTimeout(() => resolve({ ...whole, finished: Promise.resolve({ usage }) }), 250)
      })
    await mirrored.ask()
    await mirrored.settle(250)
    const { call, ...rest } = mirrored.unseen[0] ?? {}
    expect(call?.id).toBe('c-mirror')
    expect(rest).toEqual({
      route: 'candidate',
      firstByteMs: 250,
      durationMs: 250,
      dropped: ['topK'],
      finish: { usage },
    })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('goes on with the copy when the client leaves', async () => {
    const mirrored = new Mirrored()
    mirrored.candidate = () => never
    const call = makeClientCall()
    await mirrored.ask(call)
    await mirrored.settle()
    call.signal.abort(new GatewayError('gone', { kind: 'canceled', status: 499 }))
    expect(mirrored.copies[0]?.signal.aborted).toBe(false)
  })

  test('copies no copy, so routes may mirror each other', async () => {
    const mirrored = new Mirrored()
    await mirrored.ask({ ...makeClientCall(), id: 'c-mirror' })
    await mirrored.settle()
    expect(mirrored.copies).toEqual([])
  })

  test.each<[string, ClientRequest]>([
    [
      'a raw request',
      {
        operation: 'raw',
        method: 'POST',
        path: '/',
        headers: {},
        passThrough: () => undefined,
        parameterName: (name) => name,
      },
    ],
    [
      'an upload',
      {
        operation: 'transcription',
        stream: false,
        upload: () => {
          throw new Error('was read')
        },
        passThrough: () => undefined,
        parameterName: (name) => name,
      },
    ],
  ])('does not copy %s, whose body can be read once', async (_what, request) => {
    const mirrored = new Mirrored()
    await mirrored.ask(makeClientCall(request))
    await mirrored.settle()
    expect(mirrored.copies).toEqual([])
  })
})

describe('the share of a mirror', () => {
  test.each([5, 100, 33.3, 0.1, 99.999, 12.5])('of %d %% is exact at any time', (percent) => {
    const share = new Share(percent)
    let picked = 0
    let farthest = 0
    for (let asked = 1; asked <= 10_000; asked++) {
      if (share.take()) picked++
      farthest = Math.max(farthest, Math.abs(picked - (asked * percent) / 100))
    }
    expect(farthest).toBeLessThanOrEqual(0.5 + 1e-6)
  })

  test('is one of those that can be copied', async () => {
    const mirrored = new Mirrored(5)
    for (let i = 0; i < 200; i++) await mirrored.ask()
    await mirrored.settle()
    expect(mirrored.copies).toHaveLength(10)
  })
})

describe('a mirror whose other route', () => {
  test.each<[string, PolicyTools['run'], object]>([
    [
      'throws',
      () => {
        throw new TypeError('a fault of ours')
      },
      { kind: 'internal' },
    ],
    [
      'fails',
      () => Promise.reject(new GatewayError('no', { kind: 'connect', status: 502 })),
      { kind: 'connect' },
    ],
    [
      'breaks off',
      () =>
        Promise.resolve({
          ...whole,
          finished: Promise.resolve({ error: new GatewayError('cut', { kind: 'truncated', status: 502 }) }),
        }),
      { kind: 'truncated' },
    ],
    [
      'gives a stream that cannot be read',
      () =>
        Promise.resolve(
          streamed(
            {
              flow: () => {
                throw new RangeError('no')
              },
              pause: () => undefined,
              resume: () => undefined,
              cancel: () => undefined,
            },
            never,
          ),
        ),
      { kind: 'internal' },
    ],
  ])('%s leaves the client its answer and the record the error', async (_what, candidate, error) => {
    const mirrored = new Mirrored()
    mirrored.candidate = candidate
    expect(await mirrored.ask()).toBe(whole)
    await mirrored.settle()
    expect(mirrored.unseen.map(({ finish }) => finish)).toMatchObject([{ error }])
  })

  test('hangs is given up after a minute, even when it does not heed its signal', async () => {
    const mirrored = new Mirrored()
    mirrored.candidate = () => never
    expect(await mirrored.ask()).toBe(whole)
    await mirrored.settle(59_999)
    expect(mirrored.copies[0]?.signal.aborted).toBe(false)
    await mirrored.settle(1)
    expect(mirrored.copies[0]?.signal.aborted).toBe(true)
    expect(mirrored.unseen).toMatchObject([{ durationMs: 60_000, finish: { error: { kind: 'timeout' } } }])
  })

  test('answers after it was given up has its stream closed', async () => {
    const mirrored = new Mirrored()
    const tap = new Tap()
    mirrored.candidate = () =>
      new Promise((resolve) => {
        setTimeout(() => resolve(streamed(tap, never)), 60_001)
      })
    await mirrored.ask()
    await mirrored.settle(60_001)
    expect(tap.canceled).toBe(1)
    expect(tap.sink).toBeUndefined()
  })

  test('streams is read to the end without a pause', async () => {
    const mirrored = new Mirrored()
    const tap = new Tap()
    let finish: (finish: Finish) => void = () => undefined
    const finished = new Promise<Finish>((resolve) => {
      finish = resolve
    })
    mirrored.candidate = () => Promise.resolve(streamed(tap, finished))
    await mirrored.ask()
    await mirrored.settle()
    for (let i = 0; i < 1000; i++) tap.sink?.data(Buffer.alloc(1024))
    tap.sink?.end()
    finish({ usage: { outputTokens: 7 } })
    await mirrored.settle()
    expect([tap.paused, tap.canceled]).toEqual([0, 0])
    expect(mirrored.unseen).toMatchObject([{ finish: { usage: { outputTokens: 7 } } }])
  })

  test('floods is cut off', async () => {
    const mirrored = new Mirrored()
    const tap = new Tap()
    mirrored.candidate = () => Promise.resolve(streamed(tap, never))
    await mirrored.ask()
    await mirrored.settle()
    const chunk = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 20; i++) tap.sink?.data(chunk)
    await mirrored.settle()
    expect([tap.paused, tap.canceled]).toEqual([0, 1])
    expect(mirrored.unseen).toMatchObject([{ finish: { error: { kind: 'bad_response' } } }])
  })

  test('is slow gets no more than a hundred copies at a time, and new ones when those are over', async () => {
    const mirrored = new Mirrored()
    mirrored.candidate = () => never
    for (let i = 0; i < 100; i++) await mirrored.ask()
    const skipped = makeClientCall()
    expect(await mirrored.ask(skipped)).toBe(whole)
    await mirrored.settle()
    expect(mirrored.copies).toHaveLength(100)
    expect(skipped.trail.decisions).toEqual([
      { by: 'mirror', what: 'no copy to candidate: 100 are under way' },
    ])
    await mirrored.settle(60_000)
    await mirrored.ask()
    await mirrored.settle()
    expect(mirrored.copies).toHaveLength(101)
  })

  test('cannot be recorded still gives its place back', async () => {
    const tools = makeTools({
      route: TEMPLATE.route,
      run: () => Promise.resolve(whole),
      recordUnseen: () => {
        throw new Error('the log is broken')
      },
    })
    const layer = mirror.create({ route: 'candidate', percent: 100 }, tools)
    for (let i = 0; i < 101; i++) {
      const call = makeClientCall()
      await layer?.(call, () => Promise.resolve(whole))
      await vi.advanceTimersByTimeAsync(0)
      expect(call.trail.decisions).toEqual([{ by: 'mirror', what: 'copied to candidate' }])
    }
  })
})
