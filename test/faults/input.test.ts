import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, ask, chatBody, RawConnection } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { completion, says } from '../support/openai-upstream.ts'
import { Upstream } from '../support/upstream.ts'
import { within } from '../support/wait.ts'

const PATH = '/endpoints/chat/invocations'
const BODY_LIMIT = 65_536

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await Upstream.start({ '': says('hello') })
  gateway = await Gateway.start(
    configText(
      [
        { name: 'chat', base: upstream.url },
        { name: 'claude', provider: 'anthropic', base: upstream.url },
      ],
      `{ body_limit: ${BODY_LIMIT} }`,
    ),
    { workers: 1 },
  )
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

/** Send a request as it is on a connection of its own. */
async function send(
  head: readonly string[],
  body: string | Buffer = '',
): Promise<RawConnection & { got: number }> {
  const connection = await RawConnection.open(gateway.port)
  const text = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
  const got = await connection.status(text)
  return Object.assign(connection, { got })
}

function post(body: string | Buffer, path = PATH): Promise<Answer> {
  return ask(gateway.url + path, { body })
}

describe('a request whose framing two servers could read differently', () => {
  const body = chatBody('smuggled')
  const length = `content-length: ${body.length}`
  const json = 'content-type: application/json'

  it.each([
    { name: 'two Host headers', head: [`POST ${PATH} HTTP/1.1`, 'host: a', 'host: b', json, length] },
    { name: 'no Host header', head: [`POST ${PATH} HTTP/1.1`, json, length] },
    {
      name: 'a whole URL as target',
      head: [`POST http://elsewhere${PATH} HTTP/1.1`, 'host: a', json, length],
    },
    {
      name: 'a length and chunks',
      head: [`POST ${PATH} HTTP/1.1`, 'host: a', json, length, 'transfer-encoding: chunked'],
    },
    { name: 'two lengths', head: [`POST ${PATH} HTTP/1.1`, 'host: a', json, length, 'content-length: 3'] },
    { name: 'a blank before a colon', head: [`POST ${PATH} HTTP/1.1`, 'host: a', json, length, 'x : y'] },
    { name: 'a folded header', head: [`POST ${PATH} HTTP/1.1`, 'host: a', json, length, 'x: y', ' z'] },
    {
      name: 'an unknown coding',
      head: [`POST ${PATH} HTTP/1.1`, 'host: a', json, 'transfer-encoding: xchunked'],
    },
  ])('is refused with 400 and reaches nobody: $name', async ({ head }) => {
    const connection = await send(head, body)
    expect(connection.got).toBe(400)
    await within('the connection to be closed', connection.closed, 5000)
    expect(connection.received.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(upstream.of('smuggled')).toEqual([])
  })

  it('is not even asked about at CONNECT', async () => {
    const connection = await RawConnection.open(gateway.port)
    connection.socket.write('CONNECT elsewhere:443 HTTP/1.1\r\nhost: elsewhere:443\r\n\r\n')
    await within('the connection to be closed', connection.closed, 5000)
    expect(connection.received).not.toContain(' 200 ')
  })
})

describe('a body that is too much', () => {
  it('is refused with 415 when it is compressed', async () => {
    const answer = await ask(gateway.url + PATH, {
      body: chatBody('packed'),
      headers: { 'content-encoding': 'gzip' },
    })
    expect(answer.status).toBe(415)
    expect(JSON.parse(answer.text)).toEqual({ detail: expect.stringContaining('gzip') })
  })

  it('is refused with 413 by its announced length, unread', async () => {
    const head = [`POST ${PATH} HTTP/1.1`, 'host: a', `content-length: ${BODY_LIMIT + 1}`]
    const connection = await send(head)
    expect(connection.got).toBe(413)
    expect(connection.received).toContain('server.body_limit')
    connection.socket.destroy()
  })

  it('is refused with 413 though it came in chunks of unknown length', async () => {
    const chunk = `8000\r\n${'a'.repeat(0x8000)}\r\n`
    const connection = await send(
      [`POST ${PATH} HTTP/1.1`, 'host: a', 'transfer-encoding: chunked'],
      chunk.repeat(3),
    )
    expect(connection.got).toBe(413)
    connection.socket.destroy()
  })

  it('is taken up to the limit', async () => {
    const empty = chatBody('').length
    expect((await post(chatBody('a'.repeat(BODY_LIMIT - empty)))).status).toBe(200)
    expect((await post(chatBody('a'.repeat(BODY_LIMIT - empty + 1)))).status).toBe(413)
  })
})

describe('a body that is odd', () => {
  const deep = '['.repeat(20_000)
  const deepValue = '['.repeat(10_000) + ']'.repeat(10_000)

  it.each([
    { name: 'nothing', body: '' },
    { name: 'half', body: '{"messages": [' },
    { name: 'deep and open', body: deep },
    { name: 'deep', body: deepValue },
    { name: 'a number', body: '1' },
    { name: 'NaN', body: '{"messages": [{"role": "user", "content": NaN}]}' },
    { name: 'UTF-16', body: Buffer.from(`\uFEFF${chatBody('wide')}`, 'utf16le') },
    { name: 'zeros', body: Buffer.alloc(1000) },
    { name: 'no list', body: '{"messages": {"length": 1e9}}' },
  ])("is the caller's mistake, said in JSON: $name", async ({ body }) => {
    const answer = await post(body)
    expect([400, 422]).toContain(answer.status)
    expect(JSON.parse(answer.text)).toHaveProperty('detail')
  })

  it('with a deep unknown field goes on as it is', async () => {
    const body = chatBody('deep field').replace('}]}', `}],"x":${deepValue}}`)
    expect((await post(body)).status).toBe(200)
    expect(upstream.of('deep field')[0]?.body).toContain(deepValue)
  })

  it('with a deep unknown field never breaks a translation', async () => {
    const body = chatBody('deep claude').replace('}]}', `}],"x":${deepValue}}`)
    const answer = await post(body, '/endpoints/claude/invocations')
    expect(answer.status).toBeLessThan(503)
    expect(answer.status).not.toBe(500)
  })

  it('that is not UTF-8 never breaks the gateway', async () => {
    const [before = '', after = ''] = chatBody('bad|bytes').split('|')
    const answer = await post(
      Buffer.concat([Buffer.from(before), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(after)]),
    )
    expect([200, 400, 422]).toContain(answer.status)
  })

  it.each(['/endpoints/chat/invocations', '/gateway/chat/invocations', '/endpoints/claude/invocations'])(
    'with __proto__ and constructor keys changes nobody: %s',
    async (path) => {
      const poison = '"__proto__":{"stream":true,"polluted":1},"constructor":{"prototype":{"polluted":1}}'
      const body = chatBody('poison').replace('{', `{${poison},`)
      const answer = await post(body, path)
      expect(answer.status).not.toBe(500)
      const next = await post(chatBody(`after poison ${path}`), '/gateway/chat/invocations')
      expect(next.status).toBe(200)
      expect(upstream.of(`after poison ${path}`)[0]?.body).not.toContain('polluted')
    },
  )

  it('with numbers that JavaScript cannot hold passes them on byte for byte', async () => {
    const numbers = '"seed":9007199254740993,"x":1e400,"y":0.10000000000000000055,"z":-0'
    const body = chatBody('large numbers').replace('{', `{ ${numbers}, `)
    expect((await post(body)).status).toBe(200)
    expect(upstream.of('large numbers')[0]?.body).toContain(numbers)
  })
})

it.each(['/endpoints/%/invocations', '/endpoints/%ff/invocations', '/endpoints/..%2f..%2fetc/invocations'])(
  'an odd route name is not found: %s',
  async (path) => {
    const answer = await post(chatBody('odd'), path)
    expect([400, 404]).toContain(answer.status)
    expect(JSON.parse(answer.text)).toHaveProperty('detail')
  },
)

it('headers beyond the limit are refused with 431', async () => {
  const connection = await send([`POST ${PATH} HTTP/1.1`, 'host: a', `x: ${'a'.repeat(40_000)}`])
  expect(connection.got).toBe(431)
})

it('pipelined requests are answered in order', async () => {
  const connection = await RawConnection.open(gateway.port)
  const prompts = Array.from({ length: 20 }, (_, index) => `pipe-${index}-`)
  const requests = prompts.map((prompt, index) => {
    const body = chatBody(prompt)
    const close = index === prompts.length - 1 ? 'connection: close\r\n' : ''
    return `POST ${PATH} HTTP/1.1\r\nhost: a\r\n${close}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  })
  connection.socket.write(requests.join(''))
  await within('all answers', connection.closed, 10_000)
  expect(connection.received.match(/HTTP\/1\.1 200 /g)).toHaveLength(prompts.length)
  expect(connection.received.split(completion('hello')).length - 1).toBe(prompts.length)
})

it('a client that dawdles over its headers is cut, and others are served meanwhile', async () => {
  const connection = await RawConnection.open(gateway.port)
  const mute = await RawConnection.open(gateway.port)
  connection.socket.write(`POST ${PATH} HTTP/1.1\r\nhost: a\r\n`)
  const drip = setInterval(() => connection.socket.write('x: y\r\n'), 1000)
  try {
    expect((await post(chatBody('meanwhile'))).status).toBe(200)
    // Ten seconds for the headers, and a little for the next look.
    await within('the slow client to be cut', connection.closed, 15_000)
    await within('the mute client to be cut', mute.closed, 5_000)
  } finally {
    clearInterval(drip)
  }
}, 25_000)

it('nothing of this harmed a worker', () => {
  expect(gateway.log().filter(({ msg }) => msg === 'worker died')).toEqual([])
  expect(gateway.log().filter(({ error }) => error === 'internal')).toEqual([])
})
