import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeTools } from '../../test/support/tools.ts'
import {
  cacheCall,
  CHAT,
  flowOf,
  STREAMED_CHAT,
  TestStream,
  textOf,
  wholeReply,
  type CacheCall,
  type CacheRequest,
} from '../../test/support/cache-call.ts'
import { GatewayError } from '../core/error.ts'
import type { Layer, Next, PolicyOptions } from '../core/policy.ts'
import type { Finish, Reply } from '../core/reply.ts'
import type { ByteStore } from '../core/store.ts'
import { cache } from './cache.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const FAILED = new GatewayError('down', { kind: 'server_error', status: 503 })
const GONE = new GatewayError('gone', { kind: 'canceled', status: 499 })

/** Keeps everything; a shared store may also answer late. */
class TestStore implements ByteStore {
  readonly entries = new Map<string, Buffer>()
  isLate = false

  get(key: string): Buffer | undefined | Promise<Buffer | undefined> {
    const found = this.entries.get(key)
    return this.isLate ? Promise.resolve(found) : found
  }

  set(key: string, value: Buffer): void {
    this.entries.set(key, value)
  }
}

/** A provider that answers in the order of the requests, when it is told to. */
class Upstream {
  readonly calls: string[] = []
  readonly #waiting: { resolve(reply: Reply): void; reject(error: GatewayError): void }[] = []

  readonly next: Next = ({ id, signal }) => {
    this.calls.push(id)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }

  async answer(reply: Reply): Promise<void> {
    this.#waiting.shift()?.resolve(reply)
    await settle()
  }

  async fail(error: GatewayError): Promise<void> {
    this.#waiting.shift()?.reject(error)
    await settle()
  }
}

function create(options: PolicyOptions = {}, store: ByteStore = new TestStore()): Layer {
  const tools = { ...makeTools(), stores: { memory: () => store, redis: () => store } }
  const layer = cache.create(options, tools)
  if (!layer) throw new Error('there is no layer')
  return layer
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

let ids = 0
function make(request: CacheRequest = {}): CacheCall {
  return { ...cacheCall(request), id: `c${++ids}` }
}

const answers = (text: string): Next => vi.fn<Next>(() => Promise.resolve(wholeReply(text)))
const never: Next = () => Promise.reject(new Error('the provider was asked'))

/** A stream with these writes, that is already under way when it is asked for. */
function streams(...chunks: string[]): Next {
  return vi.fn<Next>(() => {
    const stream = new TestStream()
    const flow = stream.flow.bind(stream)
    stream.flow = (sink): void => {
      flow(sink)
      stream.write(...chunks)
      stream.end()
    }
    return Promise.resolve(stream.reply)
  })
}

/** One request from beginning to end: what its client got, and what the cache said. */
async function ask(layer: Layer, request: CacheRequest, next: Next): Promise<[string, string | undefined]> {
  const call = make(request)
  const text = textOf(await layer(call, next))
  await settle()
  return [text, call.trail.cache]
}

describe('the cache', () => {
  test('is around each request, and off unless it is asked for', () => {
    expect(cache).toMatchObject({ name: 'cache', around: 'request' })
    expect(() => create({ ttl: 0 })).toThrow('there is no layer')
  })

  test('answers an equal request as the first one, without the provider', async () => {
    const layer = create()
    expect(await ask(layer, {}, answers('{"a":1}'))).toEqual(['{"a":1}', 'miss'])
    const spelt = ` ${CHAT.replaceAll(',', ' , ')}`
    expect(await ask(layer, { body: spelt }, never)).toEqual(['{"a":1}', 'hit'])
    expect(await ask(layer, { body: CHAT.replace('hi', 'ho') }, answers('2'))).toEqual(['2', 'miss'])
  })

  test('gives all of the answer that a client sees, its age, and no usage', async () => {
    const layer = create()
    const body = { type: 'whole', text: '{}', contentType: 'text/event-stream' } as const
    const first = wholeReply('', {
      body,
      dropped: ['top_k'],
      finished: Promise.resolve({ usage: { inputTokens: 9 } }),
    })
    await layer(make(), () => Promise.resolve(first))
    await vi.advanceTimersByTimeAsync(2500)
    const call = make()
    const reply = await layer(call, never)
    expect(call.trail.decisions).toEqual([{ by: 'cache', what: 'an answer of 2 s ago' }])
    expect(reply).toMatchObject({
      body: { ...body, text: Buffer.from('{}') },
      dropped: ['top_k'],
      headers: { age: '2' },
    })
    await expect(reply.finished).resolves.toEqual({})
  })

  test('gives a stream again as a stream, in the same writes', async () => {
    const layer = create()
    await ask(layer, { body: STREAMED_CHAT }, streams('data: 1\n\n', 'data: 2\n\n'))
    const reply = await layer(make({ body: STREAMED_CHAT }), never)
    expect(reply.body.type).toBe('stream')
    expect(flowOf(reply)).toMatchObject({ chunks: ['data: 1\n\n', 'data: 2\n\n'], ended: 'end' })
    expect(await ask(layer, { body: CHAT }, answers('{}'))).toEqual(['{}', 'miss'])
  })

  test('forgets an answer after its time', async () => {
    const layer = create({ ttl: 1000 })
    await ask(layer, {}, answers('1'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(await ask(layer, {}, never)).toEqual(['1', 'hit'])
    await vi.advanceTimersByTimeAsync(1)
    expect(await ask(layer, {}, answers('2'))).toEqual(['2', 'miss'])
  })

  test('does not keep an answer that is too large', async () => {
    const layer = create({ max_entry_bytes: 3 })
    for (const [body, next] of [
      [CHAT, answers('äö')],
      [STREAMED_CHAT, streams('ab', 'cd')],
    ] as const) {
      await ask(layer, { body }, next)
      await ask(layer, { body }, next)
      expect(next).toHaveBeenCalledTimes(2)
    }
    expect(await ask(layer, { body: `${CHAT} ` }, answers('abc'))).toEqual(['abc', 'miss'])
    expect(await ask(layer, {}, never)).toEqual(['abc', 'hit'])
  })

  test('keeps no failure, no other status and no stream that broke off', async () => {
    const layer = create()
    await expect(layer(make(), () => Promise.reject(FAILED))).rejects.toBe(FAILED)
    await ask(layer, {}, () => Promise.resolve(wholeReply('1', { status: 206 })))
    await ask(layer, {}, () =>
      Promise.resolve(wholeReply('2', { finished: Promise.resolve({ error: FAILED }) })),
    )
    expect(await ask(layer, {}, answers('3'))).toEqual(['3', 'miss'])
    for (const end of ['end', 'break', 'cancel'] as const) {
      const stream = new TestStream()
      const reply = await layer(make({ body: STREAMED_CHAT }), () => Promise.resolve(stream.reply))
      flowOf(reply)
      stream.write('data: 1\n\n')
      if (end === 'cancel' && reply.body.type === 'stream') reply.body.source.cancel()
      else if (end === 'end') stream.end(FAILED)
      else stream.break(FAILED)
      await settle()
    }
    expect(await ask(layer, { body: STREAMED_CHAT }, streams('4'))).toEqual(['4', 'miss'])
  })

  test('keeps nothing of what has no canonical request', async () => {
    const layer = create()
    const { asked, ...call } = make()
    expect(asked.endpoint).toBe('/v1/chat/completions')
    for (const text of ['1', '2']) expect(textOf(await layer(call, answers(text)))).toBe(text)
    expect(call.trail.cache).toBe('bypass')
  })

  test('takes what is no entry for nothing', async () => {
    const store = new TestStore()
    const layer = create({}, store)
    await ask(layer, {}, answers('1'))
    for (const key of store.entries.keys()) store.entries.set(key, Buffer.from('junk'))
    expect(await ask(layer, {}, answers('2'))).toEqual(['2', 'miss'])
  })
})

describe('the client', () => {
  const asks = (wish: string): CacheRequest => ({ headers: { 'cache-control': wish } })

  test('can ask for a fresh answer, which is then kept', async () => {
    const layer = create()
    await ask(layer, {}, answers('1'))
    expect(await ask(layer, asks('no-cache'), answers('2'))).toEqual(['2', 'miss'])
    expect(await ask(layer, {}, never)).toEqual(['2', 'hit'])
  })

  test('can keep its request out of the cache', async () => {
    const store = new TestStore()
    const layer = create({}, store)
    expect(await ask(layer, asks('no-store'), answers('1'))).toEqual(['1', 'bypass'])
    expect(store.entries.size).toBe(0)
    await ask(layer, {}, answers('2'))
    expect(await ask(layer, asks('no-store'), answers('3'))).toEqual(['3', 'bypass'])
    expect(await ask(layer, {}, never)).toEqual(['2', 'hit'])
  })

  test('can say how old an answer may be', async () => {
    const layer = create()
    await ask(layer, {}, answers('1'))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await ask(layer, asks('max-age=5'), never)).toEqual(['1', 'hit'])
    expect(await ask(layer, asks('max-age=4'), answers('2'))).toEqual(['2', 'miss'])
    expect(await ask(layer, {}, never)).toEqual(['2', 'hit'])
  })
})

describe('two tenants', () => {
  const bodies = [CHAT, STREAMED_CHAT]
  const tenants: CacheRequest[] = [
    ...['alice', 'bob'].map((name) => ({ headers: { authorization: `Bearer ${name}` } })),
    { headers: { 'x-api-key': 'dave' } },
    { search: 'key=carol' },
    {},
  ]
  const answer = (marker: string, body: string): Next =>
    body === CHAT ? answers(marker) : streams(marker, '!')

  test.each(bodies)('never get each other’s answer to %s', async (body) => {
    const layer = create()
    for (const [index, tenant] of tenants.entries()) {
      const [text, outcome] = await ask(layer, { body, ...tenant }, answer(`marker-${index}`, body))
      expect([text.replace('!', ''), outcome]).toEqual([`marker-${index}`, 'miss'])
    }
    for (const [index, tenant] of tenants.entries()) {
      const [text, outcome] = await ask(layer, { body, ...tenant }, never)
      expect([text.replace('!', ''), outcome]).toEqual([`marker-${index}`, 'hit'])
    }
  })

  test.each(bodies)('do not wait for each other’s answer to %s', async (body) => {
    const layer = create()
    const upstream = new Upstream()
    const replies = tenants.map((tenant) => layer(make({ body, ...tenant }), upstream.next))
    await settle()
    expect(upstream.calls).toHaveLength(tenants.length)
    for (const index of tenants.keys()) await upstream.answer(wholeReply(`marker-${index}`))
    expect((await Promise.all(replies)).map(textOf)).toEqual(tenants.map((_, index) => `marker-${index}`))
  })

  test('share one where the route says so', async () => {
    const layer = create({ scope: 'route' })
    const [alice = {}, bob = {}] = tenants
    await ask(layer, alice, answers('1'))
    expect(await ask(layer, bob, never)).toEqual(['1', 'hit'])
  })
})

describe.each([false, true])('equal requests at the same time, with a store that is late: %s', (isLate) => {
  let layer: Layer
  let upstream: Upstream
  beforeEach(() => {
    const store = new TestStore()
    store.isLate = isLate
    layer = create({}, store)
    upstream = new Upstream()
  })

  async function begin(count: number, request: CacheRequest = {}): Promise<[CacheCall[], Promise<Reply>[]]> {
    const calls = Array.from({ length: count }, () => make(request))
    const replies = calls.map((call) => layer(call, upstream.next))
    for (const reply of replies) reply.catch(() => undefined)
    await settle()
    return [calls, replies]
  }

  test('ask the provider once', async () => {
    const [calls, replies] = await begin(20)
    expect(upstream.calls).toEqual([calls[0]?.id])
    await vi.advanceTimersByTimeAsync(100)
    await upstream.answer(wholeReply('1'))
    expect((await Promise.all(replies)).map(textOf)).toEqual(calls.map(() => '1'))
    expect(calls.map(({ trail }) => trail.cache)).toEqual(['miss', ...calls.slice(1).map(() => 'hit')])
    expect(calls[1]?.trail).toMatchObject({ waitedMs: 100, decisions: [{ by: 'cache' }] })
    expect(await ask(layer, {}, never)).toEqual(['1', 'hit'])
  })

  test('get a stream once it is complete', async () => {
    const [calls, replies] = await begin(3, { body: STREAMED_CHAT })
    const stream = new TestStream()
    await upstream.answer(stream.reply)
    const [first, ...others] = replies
    if (!first) throw new Error('no reply')
    const reply = await first
    // A client that stops reading holds up nobody but itself.
    if (reply.body.type === 'stream') reply.body.source.pause()
    const sink = flowOf(reply)
    stream.write('data: 1\n\n', 'data: 2\n\n')
    stream.end()
    for (const other of others) expect(flowOf(await other).chunks).toEqual(['data: 1\n\n', 'data: 2\n\n'])
    expect(sink.chunks).toEqual([])
    expect(calls.map(({ trail }) => trail.cache)).toEqual(['miss', 'hit', 'hit'])
  })

  test('go on with the next one when the first one’s client leaves', async () => {
    const [calls, [first, ...others]] = await begin(4)
    calls[0]?.signal.abort(GONE)
    await expect(first).rejects.toBe(GONE)
    await settle()
    expect(upstream.calls).toEqual([calls[0]?.id, calls[1]?.id])
    await upstream.answer(wholeReply('of the one that left'))
    await upstream.answer(wholeReply('1'))
    expect((await Promise.all(others)).map(textOf)).toEqual(['1', '1', '1'])
  })

  test('go on with the next one when the first one leaves during its stream', async () => {
    const [calls, [first, second]] = await begin(2, { body: STREAMED_CHAT })
    const stream = new TestStream()
    await upstream.answer(stream.reply)
    const reply = await first
    if (reply?.body.type !== 'stream') throw new Error('no stream')
    flowOf(reply)
    stream.write('data: 1\n\n')
    reply.body.source.cancel()
    await settle()
    expect(stream.isCanceled).toBe(true)
    expect(upstream.calls).toEqual(calls.map(({ id }) => id))
    await upstream.answer(wholeReply('2'))
    await expect(second?.then(textOf)).resolves.toBe('2')
  })

  test.each(['rejects', 'breaks off'])('go each for itself when the first one %s', async (how) => {
    const [calls, [first, ...others]] = await begin(4, { body: STREAMED_CHAT })
    if (how === 'rejects') {
      await upstream.fail(FAILED)
      await expect(first).rejects.toBe(FAILED)
    } else {
      const stream = new TestStream()
      await upstream.answer(stream.reply)
      if (first) flowOf(await first)
      stream.write('data: 1\n\n')
      stream.end(FAILED)
      await settle()
    }
    expect(upstream.calls).toHaveLength(calls.length)
    for (const text of ['2', '3', '4']) await upstream.answer(wholeReply(text))
    expect((await Promise.all(others)).map(textOf)).toEqual(['2', '3', '4'])
  })

  test('leave one by one when their clients do', async () => {
    const [calls, [first, second, third]] = await begin(3)
    calls[1]?.signal.abort(GONE)
    await expect(second).rejects.toBe(GONE)
    await upstream.answer(wholeReply('1'))
    expect(upstream.calls).toHaveLength(1)
    await expect(Promise.all([first, third])).resolves.toHaveLength(2)
  })

  test('do not wait when one of them wants a fresh answer', async () => {
    await begin(1)
    await begin(1, { headers: { 'cache-control': 'no-cache' } })
    expect(upstream.calls).toHaveLength(2)
  })

  test('are let go by an answer that is too large, or of which the end is not known', async () => {
    layer = create({ max_entry_bytes: 2 })
    const [, [first, second]] = await begin(2)
    let finish: (finish: Finish) => void = () => undefined
    const finished = new Promise<Finish>((resolve) => {
      finish = resolve
    })
    await upstream.answer(wholeReply('123', { finished }))
    await expect(first?.then(textOf)).resolves.toBe('123')
    await upstream.answer(wholeReply('4'))
    await expect(second?.then(textOf)).resolves.toBe('4')
    finish({})
  })
})
