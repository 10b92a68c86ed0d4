import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, chatBody, EventStream, RawConnection } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { chunk, DONE, finish, opens, says } from '../support/openai-upstream.ts'
import { residentBytes } from '../support/processes.ts'
import { type Turn, Upstream } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'

/** The promise is 100 ms; a machine that does other work meanwhile may be late. */
const ABORT_DEADLINE_MS = 500
const MEGABYTE = 1024 * 1024
const PIECE = chunk('x'.repeat(32 * 1024))
/** The kernel's buffers on two connections, and what the gateway's own streams hold. */
const MOST_IN_BETWEEN = 24 * MEGABYTE

/** Writes as fast as the gateway takes, up to `bytes`. */
function floods(bytes: number): (turn: Turn) => void {
  return (turn) => {
    turn.startStream()
    const more = (): void => {
      while (turn.entry.bytesSent < bytes) {
        if (turn.write(PIECE)) continue
        turn.response.once('drain', more)
        return
      }
      turn.write(finish() + DONE)
      turn.response.end()
    }
    more()
  }
}

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await Upstream.start({
    hello: says('hello'),
    silent: () => undefined,
    'silent stream': opens([]),
    'open stream': opens(['first ', 'second ']),
    flood: floods(200 * MEGABYTE),
    'small flood': floods(40 * MEGABYTE),
  })
  gateway = await Gateway.start(
    configText([
      { name: 'chat', base: upstream.url },
      { name: 'recorded', base: upstream.url },
      { name: 'completions', type: 'completions', base: upstream.url },
    ]),
    { workers: 1 },
  )
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

/** Send a request on a connection of its own; the client leaves by destroying it. */
async function begin(path: string, body: string): Promise<RawConnection> {
  const connection = await RawConnection.open(gateway.port)
  connection.socket.write(
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return connection
}

/** How long after `leave` the provider saw the gateway hang up, in milliseconds. */
async function timeToAbort(prompt: string, leave: () => void): Promise<number> {
  await upstream.arrival(prompt)
  const leftAt = performance.now()
  leave()
  const took = (await upstream.abortion(prompt)) - leftAt
  process.stderr.write(`  provider call "${prompt}" cancelled ${took.toFixed(1)} ms after the client left\n`)
  return took
}

const PATHS = {
  chat: '/endpoints/chat/invocations',
  'chat of 2023': '/gateway/routes/chat',
  completions: '/endpoints/completions/invocations',
}

/** A prompt of its own for each test, and the body that asks it. */
function requestFor(what: string, route: string, stream: boolean): { prompt: string; body: string } {
  const prompt = `${what} ${route}`
  const body =
    route === 'completions' ? JSON.stringify({ prompt, stream }) : chatBody(prompt, stream ? { stream } : {})
  return { prompt, body }
}

describe.each(Object.entries(PATHS))('a client of %s that leaves', (route, path) => {
  it('while it waits for a whole answer cancels the call', async () => {
    const { prompt, body } = requestFor('silent', route, false)
    const client = await begin(path, body)
    expect(await timeToAbort(prompt, () => client.socket.destroy())).toBeLessThan(ABORT_DEADLINE_MS)
  })

  it('while it waits for the first token cancels the call', async () => {
    const { prompt, body } = requestFor('silent stream', route, true)
    const client = await begin(path, body)
    expect(await timeToAbort(prompt, () => client.socket.destroy())).toBeLessThan(ABORT_DEADLINE_MS)
  })

  it('in the middle of a stream cancels the call', async () => {
    const { prompt, body } = requestFor('open stream', route, true)
    const client = await begin(path, body)
    await waitFor('the second piece', () => client.received.includes('second'))
    expect(await timeToAbort(prompt, () => client.socket.destroy())).toBeLessThan(ABORT_DEADLINE_MS)
  })

  it('by a reset cancels the call', async () => {
    const { prompt, body } = requestFor('open stream reset', route, true)
    const client = await begin(path, body)
    await waitFor('the second piece', () => client.received.includes('second'))
    expect(await timeToAbort(prompt, () => client.socket.resetAndDestroy())).toBeLessThan(ABORT_DEADLINE_MS)
  })
})

it('a client that left is recorded as such', async () => {
  const prompt = 'silent and recorded'
  const client = await begin('/gateway/recorded/invocations', chatBody(prompt))
  await timeToAbort(prompt, () => client.socket.destroy())
  const line = await waitFor('its log line', () =>
    gateway.log().find(({ msg, route }) => msg === 'request' && route === 'recorded'),
  )
  expect(line).toMatchObject({ error: 'canceled', status: 499 })
})

it('a hundred clients that leave at once cancel every call', async () => {
  const prompts = Array.from({ length: 100 }, (_, index) => `silent crowd ${index}.`)
  const clients = await Promise.all(prompts.map((prompt) => begin(PATHS.chat, chatBody(prompt))))
  await Promise.all(prompts.map((prompt) => upstream.arrival(prompt)))
  const leftAt = performance.now()
  for (const client of clients) client.socket.destroy()
  const times = await Promise.all(prompts.map((prompt) => upstream.abortion(prompt)))
  expect(Math.max(...times) - leftAt).toBeLessThan(2 * ABORT_DEADLINE_MS)
})

it('a client that leaves while it sends its body reaches no provider', async () => {
  const client = await RawConnection.open(gateway.port)
  client.socket.write(`POST ${PATHS.chat} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{"messages": [`)
  client.socket.destroy()
  expect((await ask(gateway.url + PATHS.chat, { body: chatBody('hello') })).status).toBe(200)
})

describe('a client that does not read', () => {
  it.each([
    { route: 'chat', path: PATHS.chat, body: (prompt: string) => chatBody(prompt, { stream: true }) },
    {
      route: 'completions',
      path: PATHS.completions,
      body: (prompt: string) => JSON.stringify({ prompt, stream: true }),
    },
  ])('holds the provider back, and memory stays bounded: $route', async ({ route, path, body }) => {
    const [worker = 0] = gateway.workers()
    const memoryBefore = residentBytes(worker)
    const prompt = `flood ${route}`
    const text = body(prompt)
    const socket = connect(gateway.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
    const entry = await upstream.arrival(prompt)
    const sent = await waitUntilStill(() => entry.bytesSent)
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(MOST_IN_BETWEEN)
    expect(residentBytes(worker) - memoryBefore).toBeLessThan(3 * MOST_IN_BETWEEN)
    // Others are served meanwhile, and leaving frees the provider also now.
    expect((await ask(gateway.url + PATHS.chat, { body: chatBody('hello') })).status).toBe(200)
    expect(await timeToAbort(prompt, () => socket.destroy())).toBeLessThan(ABORT_DEADLINE_MS)
  })

  it('gets everything once it reads again', async () => {
    const prompt = 'small flood'
    const body = chatBody(prompt, { stream: true })
    const stream = await EventStream.open(gateway.url + PATHS.chat, body)
    stream.hold()
    const entry = await upstream.arrival(prompt)
    await waitUntilStill(() => entry.bytesSent)
    expect(entry.bytesSent).toBeLessThan(40 * MEGABYTE)
    stream.readOn()
    await stream.end(30_000)
    expect(stream.error()).toBeUndefined()
    expect(stream.content().length).toBe(Math.ceil((40 * MEGABYTE) / PIECE.length) * 32 * 1024)
  }, 40_000)
})

/** The number once it has not changed for half a second. */
async function waitUntilStill(read: () => number): Promise<number> {
  let last = read()
  let since = performance.now()
  return waitFor('a number to come to rest', () => {
    const now = read()
    if (now !== last) since = performance.now()
    last = now
    return now > 0 && performance.now() - since > 500 && now
  })
}
