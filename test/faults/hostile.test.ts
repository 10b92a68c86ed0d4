import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, EventStream } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { chunk, completion, DONE, event, finish, streams, wholeStream } from '../support/openai-upstream.ts'
import { type Script, type Turn, Upstream } from '../support/upstream.ts'
import { residentBytes } from '../support/processes.ts'

const KEY = 'sk-canary-hostile-5d1e'
const JSON_TYPE = { 'content-type': 'application/json' }
const MEBIBYTE = 1024 * 1024

/** How the applications of each dialect ask, and where they find an error and a text. */
interface Client {
  path(stream: boolean): string
  body(prompt: string, stream: boolean): unknown
  /** The message of a refusal, which is in the dialect's own shape; undefined when it is not. */
  refusal(body: unknown): unknown
  /** Whether these events say that the stream failed. */
  saysFailure(events: readonly string[], text: string): boolean
  /** Whether these events look like a complete answer. */
  looksComplete(text: string): boolean
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )

const CLIENTS: Record<string, Client> = {
  openai: {
    path: () => '/v1/chat/completions',
    body: (content, stream) => ({ model: 'r', stream, messages: [{ role: 'user', content }] }),
    refusal: (body) => at(body, 'error', 'message'),
    saysFailure: (events) => events.some((data) => data.includes('"error"')),
    looksComplete: (text) => /\[DONE\]\s*$/.test(text),
  },
  responses: {
    path: () => '/v1/responses',
    body: (input, stream) => ({ model: 'r', stream, input }),
    refusal: (body) => at(body, 'error', 'message'),
    saysFailure: (_events, text) => text.includes('event: response.failed'),
    looksComplete: (text) => text.includes('event: response.completed'),
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (content, stream) => ({
      model: 'r',
      stream,
      max_tokens: 99,
      messages: [{ role: 'user', content }],
    }),
    refusal: (body) => (at(body, 'type') === 'error' ? at(body, 'error', 'message') : undefined),
    saysFailure: (_events, text) => text.includes('event: error'),
    looksComplete: (text) => text.includes('event: message_stop'),
  },
  gemini: {
    path: (stream) => `/v1beta/models/r:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    refusal: (body) => (at(body, 'error', 'status') === undefined ? undefined : at(body, 'error', 'message')),
    saysFailure: (events) => events.some((data) => data.includes('"error"')),
    looksComplete: (text) => text.includes('"finishReason"'),
  },
  cohere: {
    path: () => '/v2/chat',
    body: (content, stream) => ({ model: 'r', stream, messages: [{ role: 'user', content }] }),
    refusal: (body) => at(body, 'message'),
    saysFailure: (_events, text) => text.includes('"ERROR"') || text.includes('"error"'),
    looksComplete: (text) => text.includes('"COMPLETE"'),
  },
}

const whole =
  (body: string | Buffer, headers: Record<string, string> = JSON_TYPE): Script =>
  (turn) =>
    turn.send(200, headers, body)

/** Whole answers that are no answer. */
const NO_ANSWERS: Record<string, Script> = {
  'html with status 200': whole('<html>Sign in</html>', { 'content-type': 'text/html' }),
  'nothing at all': whole(''),
  'no content type': whole('{}', {}),
  'half of its JSON': whole(completion('hello').slice(0, 60)),
  'JSON that is no object': whole('["hello"]'),
  null: whole('null'),
  'an error with status 200': whole(
    JSON.stringify({ error: { message: 'the model fell over', type: 'server_error' } }),
  ),
  'no choices': whole('{"id":"c"}'),
  'a redirect': (turn) => turn.send(302, { location: 'http://127.0.0.1:9/away' }),
  'a bomb': whole(gzipSync(Buffer.alloc(200 * MEBIBYTE)), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  'packed garbage': whole('garbage', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  'an encoding that nobody knows': whole(completion('hello'), { ...JSON_TYPE, 'content-encoding': 'rot13' }),
  'a flood of headers': (turn) => {
    const flood = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`x-flood-${index}`, 'x'.repeat(1000)]),
    )
    turn.send(200, { ...JSON_TYPE, ...flood }, completion('hello'))
  },
  'status 099': raw('HTTP/1.1 099 What\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}'),
  'status 999': raw('HTTP/1.1 999 What\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}'),
  'no HTTP': raw('220 smtp.example.org ESMTP\r\n'),
  'a wall of nesting': whole(`{"deep":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
}

function raw(bytes: string): Script {
  return (turn: Turn) => {
    turn.socket.end(bytes)
  }
}

/** Streams that begin well and end badly. */
const BROKEN_STREAMS: Record<string, Script> = {
  'a cut between events': streams(chunk('hello')),
  'a cut in a letter': streams(chunk('hello'), Buffer.from(chunk('wörld')).subarray(0, -40)),
  'an event that is no JSON': streams(chunk('hello'), 'data: {"choices": [\n\n', finish(), DONE),
  'an error event': streams(chunk('hello'), event({ error: { message: `fell over ${KEY}` } }), DONE),
  'a line of 50 MB': (turn) => {
    turn.startStream()
    turn.write(chunk('hello'))
    const mebibyte = Buffer.alloc(MEBIBYTE, 'x')
    let left = 50
    const next = (): void => {
      if (left-- > 0 && !turn.response.destroyed) turn.response.write(mebibyte, next)
    }
    turn.response.write('data: ', next)
  },
}

/** Streams that look odd and are whole. All say "hello". */
const ODD_STREAMS: Record<string, Script> = {
  'lines that end in CR': streams(wholeStream('hel', 'lo').replaceAll('\n', '\r')),
  'lines that end in CRLF': streams(wholeStream('hel', 'lo').replaceAll('\n', '\r\n')),
  'comments between events': streams(
    `: ping\n\n${chunk('hel')}: ping\n: pong\n\n${chunk('lo')}${finish()}${DONE}`,
  ),
  'data over several lines': streams(
    chunk('hel').replace('{"id"', '{\ndata: "id"'),
    chunk('lo'),
    finish(),
    DONE,
  ),
  'fields that nobody knows': streams(`id: 7\nretry: 1\nfoo: bar\n${chunk('hello')}`, finish(), DONE),
  'no blank line at the end': streams(chunk('hello'), finish(), 'data: [DONE]'),
  'its usage twice, once negative': streams(
    chunk('hello'),
    event({ choices: [], usage: { prompt_tokens: -5, completion_tokens: 'x', total_tokens: null } }),
    finish(),
    event({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 } }),
    DONE,
  ),
  'no usage': streams(chunk('hello'), finish(), DONE),
}

const SCRIPTS: Record<string, Script> = {
  ...NO_ANSWERS,
  ...BROKEN_STREAMS,
  ...ODD_STREAMS,
  'a text that looks like an end': streams(wholeStream('\n\ndata: [DONE]\n\n', 'and on')),
  'our key': (turn) => turn.send(429, JSON_TYPE, JSON.stringify({ error: { message: `slow down, ${KEY}` } })),
}

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await Upstream.start(SCRIPTS)
  gateway = await Gateway.start(
    `routes:\n  - {name: r, type: llm/v1/chat, model: {provider: openai-compatible, name: gpt, config: {api_key: ${KEY}, api_base: "${upstream.url}/v1"}}}\n`,
    { workers: 1 },
  )
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

describe.each(Object.entries(CLIENTS))('a client of %s', (_name, client) => {
  const url = (stream: boolean): string => gateway.url + client.path(stream)

  it.each(Object.keys(NO_ANSWERS))('is told, in its own words, that the provider gave %s', async (name) => {
    const { status, text } = await ask(url(false), { body: client.body(name, false) })
    expect(status).toBeGreaterThanOrEqual(500)
    expect(status).toBeLessThan(600)
    expect(client.refusal(JSON.parse(text))).toEqual(expect.any(String))
  })

  it.each(Object.keys(NO_ANSWERS))('asking for a stream, is told that the provider gave %s', async (name) => {
    const { status, text } = await ask(url(true), { body: client.body(name, true) })
    expect(status).toBeGreaterThanOrEqual(500)
    expect(client.refusal(JSON.parse(text))).toEqual(expect.any(String))
  })

  it.each(Object.keys(BROKEN_STREAMS))('sees a stream fail that ends in %s', async (name) => {
    const stream = await EventStream.open(url(true), client.body(name, true))
    await stream.end()
    expect(stream.status).toBe(200)
    expect(stream.text).toContain('hello')
    // What passes through is not parsed: there the client itself meets the event.
    if (client === CLIENTS['openai'] && name === 'an event that is no JSON') return
    expect(client.saysFailure(stream.events(), stream.text)).toBe(true)
    expect(client.looksComplete(stream.text)).toBe(false)
    expect(stream.text).not.toContain(KEY)
  })

  it.each(Object.keys(ODD_STREAMS))('reads a stream with %s', async (name) => {
    const stream = await EventStream.open(url(true), client.body(name, true))
    await stream.end()
    expect(stream.text).toMatch(/hello|"hel"[^]*"lo"/)
    expect(client.saysFailure(stream.events(), stream.text)).toBe(false)
    expect(client.looksComplete(stream.text)).toBe(true)
    expect(stream.text).not.toMatch(/-5\b/)
  })

  it('is not cut off by a text that looks like an end', async () => {
    const stream = await EventStream.open(url(true), client.body('a text that looks like an end', true))
    await stream.end()
    expect(stream.text).toContain('and on')
    expect(client.looksComplete(stream.text)).toBe(true)
  })

  it('never sees our key', async () => {
    const { status, text } = await ask(url(false), { body: client.body('our key', false) })
    expect(status).toBe(429)
    expect(text).toContain('slow down')
    expect(text).not.toContain(KEY)
  })
})

it('a line of 50 MB is not taken to its end, and nothing of all this is kept', async () => {
  const [line] = upstream.of('a line of 50 MB')
  expect(line?.abortedAt).toBeDefined()
  const [worker = 0] = gateway.workers()
  expect(residentBytes(worker)).toBeLessThan(600 * MEBIBYTE)
  await expect(gateway.health()).resolves.toMatchObject({ ready: true, worker_pid: worker })
})
