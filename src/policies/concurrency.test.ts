import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeTools } from '../../test/support/tools.ts'
import { makeCall } from '../../test/support/call.ts'
import type { Call } from '../core/call.ts'
import { Caller } from '../core/caller.ts'
import { Cancellation } from '../core/cancel.ts'
import { GatewayError } from '../core/error.ts'
import type { Layer, PolicyTools } from '../core/policy.ts'
import type { Finish, Reply } from '../core/reply.ts'
import { Trail } from '../core/trail.ts'
import { concurrency } from './concurrency.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const TEMPLATE = makeCall('{"messages":[{"role":"user","content":"hi"}]}')
const gone = new GatewayError('gone', { kind: 'canceled', status: 499 })

let routes = 0

/** The limits outlive a configuration, so each test has a route of its own. */
function newRoute(): string {
  return `route ${++routes}`
}

function layerOf(options: { max: number; queue?: number; queue_timeout?: number }, route: string): Layer {
  const layer = concurrency.create(options, toolsOf(route))
  if (!layer) throw new Error('no layer')
  return layer
}

function toolsOf(name: string): PolicyTools {
  return makeTools({ route: { ...TEMPLATE.route, name } })
}

/** One request: what became of it, and the means to end it. */
class Ask {
  readonly call: Call & { signal: Cancellation }
  reply: Reply | undefined
  error: unknown
  hasBegun = false
  end: (finish: Finish) => void = () => undefined
  readonly #finished = new Promise<Finish>((resolve) => {
    this.end = resolve
  })

  constructor(layer: Layer, tenant = 'a') {
    const head = { headers: { authorization: tenant }, search: new URLSearchParams() }
    this.call = { ...TEMPLATE, signal: new Cancellation(), caller: new Caller(head), trail: new Trail() }
    void this.#run(layer)
  }

  get decisions(): string[] {
    return this.call.trail.decisions.map(({ by, what }) => `${by}: ${what}`)
  }

  async #run(layer: Layer): Promise<void> {
    try {
      this.reply = await layer(this.call, () => {
        this.hasBegun = true
        return Promise.resolve({ body: { type: 'whole', text: '' }, dropped: [], finished: this.#finished })
      })
    } catch (error) {
      this.error = error
    }
  }
}

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

describe('a bound on concurrency', () => {
  test('is no layer where none is configured', () => {
    expect(concurrency.create(undefined, toolsOf(newRoute()))).toBeUndefined()
  })

  test('lets a request pass at once while there is a place, without a timer or a word', async () => {
    const ask = new Ask(layerOf({ max: 1 }, newRoute()))
    expect(ask.hasBegun).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
    await settle()
    expect(ask.reply).toBeDefined()
    expect(ask.decisions).toEqual([])
    expect(ask.call.trail.waitedMs).toBe(0)
  })

  test('holds a place until the last byte of the reply, and tells how long the next one waited', async () => {
    const layer = layerOf({ max: 1 }, newRoute())
    const first = new Ask(layer)
    const second = new Ask(layer)
    await settle(400)
    expect(first.reply).toBeDefined()
    expect(second.hasBegun).toBe(false)
    first.end({})
    await settle()
    expect(second.reply).toBeDefined()
    expect(second.call.trail.waitedMs).toBe(400)
    expect(second.decisions).toEqual(['concurrency: waited 400 ms for its turn'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('gives the place of a request that fails to the next', async () => {
    const layer = layerOf({ max: 1 }, newRoute())
    const failure = new GatewayError('x', { kind: 'connect', status: 502 })
    const { call } = new Ask(() => Promise.reject(gone))
    let fail: (error: GatewayError) => void = () => undefined
    const failing = layer(call, () => new Promise((_resolve, reject) => (fail = reject)))
    const second = new Ask(layer)
    expect(second.hasBegun).toBe(false)
    fail(failure)
    await expect(failing).rejects.toBe(failure)
    await settle()
    expect(second.hasBegun).toBe(true)
  })

  test('gives the place of a request that fails before its first await to the next', async () => {
    const layer = layerOf({ max: 1 }, newRoute())
    const { call } = new Ask(() => Promise.reject(gone))
    const thrown = layer(call, () => {
      throw new RangeError('at once')
    })
    await expect(thrown).rejects.toThrow('at once')
    expect(new Ask(layer).hasBegun).toBe(true)
  })

  test('gives those who ask turns: one request is second, however many of another wait', async () => {
    const layer = layerOf({ max: 1 }, newRoute())
    const busy = Array.from({ length: 1000 }, () => new Ask(layer, 'busy'))
    const quiet = new Ask(layer, 'quiet')
    busy[0]?.end({})
    await settle()
    expect(busy[1]?.hasBegun).toBe(true)
    expect(quiet.hasBegun).toBe(false)
    busy[1]?.end({})
    await settle()
    expect(quiet.hasBegun).toBe(true)
    expect(busy.filter((ask) => ask.hasBegun)).toHaveLength(2)
  })
})

describe('a full queue', () => {
  test('refuses at once with 503 when others are in the way, and says when it will be empty', async () => {
    const layer = layerOf({ max: 2, queue: 3 }, newRoute())
    const before = [new Ask(layer, 'a'), new Ask(layer, 'b')]
    await settle(4000)
    for (const ask of before) ask.end({})
    await settle()
    for (const tenant of ['a', 'b', 'a', 'b', 'c']) void new Ask(layer, tenant)
    const refused = new Ask(layer, 'd')
    await settle()
    expect(refused.error).toMatchObject({
      kind: 'busy',
      status: 503,
      // Four in front of the next, two at a time, four seconds each.
      retryAfter: '8',
      message: expect.stringMatching(/has as many requests as it can serve\. Try again in 8 seconds\.$/),
    })
    expect(refused.decisions).toEqual(['concurrency: refused: the queue is full (2 under way, 3 waiting)'])
  })

  test('refuses with 429 a tenant that is alone in it', async () => {
    const layer = layerOf({ max: 1, queue: 1 }, newRoute())
    const asks = [new Ask(layer), new Ask(layer), new Ask(layer)]
    await settle()
    expect(asks[2]?.error).toMatchObject({ kind: 'busy', status: 429, retryAfter: '1' })
  })

  test('refuses with 503 a tenant that waits alone while another holds a place', async () => {
    const layer = layerOf({ max: 1, queue: 1 }, newRoute())
    const asks = [new Ask(layer, 'b'), new Ask(layer), new Ask(layer)]
    await settle()
    expect(asks[2]?.error).toMatchObject({ status: 503 })
  })

  test('makes place for a quiet tenant: the newest request of the greediest goes', async () => {
    const layer = layerOf({ max: 1, queue: 3 }, newRoute())
    const busy = Array.from({ length: 4 }, () => new Ask(layer, 'busy'))
    const quiet = new Ask(layer, 'quiet')
    await settle()
    expect(busy.map(({ error }) => error !== undefined)).toEqual([false, false, false, true])
    expect(busy[3]?.error).toMatchObject({ kind: 'busy', status: 429 })
    expect(busy[3]?.decisions[0]).toMatch(/refused: the queue is full, and this tenant has most in it/)
    expect(quiet.error).toBeUndefined()
    const more = new Ask(layer, 'busy')
    await settle()
    expect(more.error).toMatchObject({ status: 503 })
  })

  test('does not take from one tenant to give another as much', async () => {
    const layer = layerOf({ max: 1, queue: 2 }, newRoute())
    const waiting = ['a', 'b', 'c'].map((tenant) => new Ask(layer, tenant))
    const late = new Ask(layer, 'd')
    await settle()
    expect(waiting.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
    expect(late.error).toMatchObject({ status: 503 })
  })

  test('may have no length at all', async () => {
    const layer = layerOf({ max: 1, queue: 0 }, newRoute())
    const first = new Ask(layer)
    const second = new Ask(layer)
    await settle()
    expect(first.reply).toBeDefined()
    expect(second.error).toMatchObject({ status: 429 })
  })

  test('sends nobody away for more than a minute, and goes by what is under way until something is done', async () => {
    const layer = layerOf({ max: 1, queue: 0 }, newRoute())
    void new Ask(layer)
    await settle(3500)
    const early = new Ask(layer)
    await settle(3_600_000)
    const late = new Ask(layer)
    await settle()
    expect(early.error).toMatchObject({ retryAfter: '4' })
    expect(late.error).toMatchObject({ retryAfter: '60' })
  })
})

describe('a request that waits', () => {
  test('is refused when its time is over', async () => {
    const layer = layerOf({ max: 1, queue_timeout: 500 }, newRoute())
    void new Ask(layer, 'b')
    const ask = new Ask(layer)
    await settle(499)
    expect(ask.error).toBeUndefined()
    await settle(1)
    expect(ask.error).toMatchObject({ kind: 'busy', status: 503, retryAfter: '1' })
    expect(ask.call.trail.waitedMs).toBe(500)
    expect(ask.decisions).toEqual([
      'concurrency: refused: its turn did not come in time (1 under way, 1 waiting)',
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves at once when its client does, and another takes its place', async () => {
    const layer = layerOf({ max: 1, queue: 1 }, newRoute())
    const first = new Ask(layer)
    const second = new Ask(layer)
    await settle(100)
    second.call.signal.abort(gone)
    const third = new Ask(layer)
    await settle()
    expect(second.error).toBe(gone)
    expect(second.decisions).toEqual(['concurrency: given up after a wait of 100 ms'])
    expect(third.error).toBeUndefined()
    first.end({})
    await settle()
    expect([second.hasBegun, third.hasBegun]).toEqual([false, true])
  })

  test('does not begin to wait when its client is gone already', async () => {
    const layer = layerOf({ max: 1, queue: 1 }, newRoute())
    void new Ask(layer)
    const { call } = new Ask(() => Promise.reject(gone))
    call.signal.abort(gone)
    await expect(layer(call, () => Promise.reject(new Error('no')))).rejects.toBe(gone)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a reload', () => {
  test('still counts what began before it, and lets in those who waited when there are more places', async () => {
    const route = newRoute()
    const old = layerOf({ max: 1 }, route)
    const first = new Ask(old)
    const waiting = new Ask(old)
    const reloaded = layerOf({ max: 3 }, route)
    expect(waiting.hasBegun).toBe(false)
    const third = new Ask(reloaded)
    await settle()
    expect([first, waiting, third].map((ask) => ask.hasBegun)).toEqual([true, true, true])
    expect(new Ask(reloaded).hasBegun).toBe(false)
  })

  test('to fewer places lets nobody in until enough have left', async () => {
    const route = newRoute()
    const old = layerOf({ max: 2 }, route)
    const [first, second] = [new Ask(old), new Ask(old)]
    const third = new Ask(layerOf({ max: 1 }, route))
    first.end({})
    await settle()
    expect(third.hasBegun).toBe(false)
    second.end({})
    await settle()
    expect(third.hasBegun).toBe(true)
  })

  test('is not undone by a request that keeps the configuration it began with', async () => {
    const route = newRoute()
    const old = layerOf({ max: 5 }, route)
    void new Ask(layerOf({ max: 1 }, route))
    const late = new Ask(old)
    await settle()
    expect(late.hasBegun).toBe(false)
  })
})

test('routes do not stand in each other’s way, however many there were', async () => {
  const busy = layerOf({ max: 1 }, newRoute())
  void new Ask(busy)
  for (let i = 0; i < 600; i++) {
    const ask = new Ask(layerOf({ max: 1 }, newRoute()))
    expect(ask.hasBegun).toBe(true)
    ask.end({})
    await settle()
  }
  expect(new Ask(busy).hasBegun).toBe(false)
})
