import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net'
import { Pool } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gate } from '../../test/scripted-server.ts'
import type { ByteSink, ByteSource } from '../core/bytes.ts'
import { Cancellation } from '../core/cancel.ts'
import { GatewayError } from '../core/error.ts'
import type { UpstreamReply } from '../core/provider.ts'
import { HttpExchange } from './http-exchange.ts'

const GONE = new GatewayError('The client left.', { kind: 'canceled', status: 499 })

type Timeouts = Pick<Pool.Options, 'bodyTimeout' | 'headersTimeout'>

function connect(port: number, timeouts: Timeouts = {}): (signal: Cancellation) => Promise<UpstreamReply> {
  const pool = new Pool(`http://127.0.0.1:${port}`, timeouts)
  onTestFinished(() => pool.destroy())
  return (signal) => new HttpExchange(signal).run(pool, { path: '/', method: 'POST', body: '{}' })
}

type Send = ReturnType<typeof connect>

async function http(listener: RequestListener, timeouts?: Timeouts): Promise<Send> {
  const server = createHttpServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return connect((server.address() as AddressInfo).port, timeouts)
}

/** A server that answers every connection with these bytes, whatever they are. */
async function raw(answer: (socket: Socket) => void, timeouts?: Timeouts): Promise<Send> {
  const server = createNetServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => answer(socket))
    onTestFinished(() => void socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return connect((server.address() as AddressInfo).port, timeouts)
}

/** Reads a body to its end; rejects as it does. */
function readAll(body: ByteSource): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    body.flow({ data: (chunk) => (text += chunk.toString()), end: () => resolve(text), error: reject })
  })
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no refusal',
    (error: unknown) => error,
  )
}

describe('a reply', () => {
  test('is there with its head, before its body', async () => {
    const { opened, open } = gate()
    const send = await http((_request, response) => {
      const headers = {
        'content-type': 'text/event-stream',
        'retry-after': '7',
        'x-request-id': 'r1',
        'request-id': 'r2',
      }
      response.writeHead(429, headers)
      response.flushHeaders()
      void opened.then(() => response.end('late'))
    })
    const reply = await send(new Cancellation())
    expect(reply).toMatchObject({
      status: 429,
      contentType: 'text/event-stream',
      retryAfter: '7',
      requestId: 'r1',
    })
    open()
    await expect(readAll(reply.body)).resolves.toBe('late')
  })

  test('may lack every header', async () => {
    const send = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'))
    const { body, ...head } = await send(new Cancellation())
    expect(head).toEqual({ status: 200, contentType: '', headers: { 'content-length': '2' } })
    await expect(readAll(body)).resolves.toBe('hi')
  })

  test('names its request as Anthropic does', async () => {
    const send = await http((_request, response) => response.writeHead(200, { 'request-id': 'r2' }).end())
    expect((await send(new Cancellation())).requestId).toBe('r2')
  })

  test('comes after informational ones', async () => {
    const send = await raw((socket) =>
      socket.end('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'),
    )
    const reply = await send(new Cancellation())
    expect(reply.status).toBe(200)
    await expect(readAll(reply.body)).resolves.toBe('hi')
  })

  test('keeps what came before anyone wanted it', async () => {
    const { opened, open } = gate()
    const send = await http((_request, response) => response.end('early', open))
    const { body } = await send(new Cancellation())
    await opened
    await expect(readAll(body)).resolves.toBe('early')
  })

  test('of any size waits for its reader, held back at the socket', async () => {
    const size = 32 * 1024 * 1024
    const { opened, open } = gate()
    const send = await http((_request, response) => {
      response.end(Buffer.alloc(size, 'x'))
      response.on('finish', open)
    })
    const { body } = await send(new Cancellation())
    await expect(Promise.race([opened.then(() => 'sent'), idle().then(() => 'held')])).resolves.toBe('held')
    expect(await readAll(body)).toHaveLength(size)
  })

  test('is held back while it is paused', async () => {
    const send = await http((_request, response) => response.end(Buffer.alloc(32 * 1024 * 1024, 'x')))
    const { body } = await send(new Cancellation())
    let bytes = 0
    const ended = new Promise<void>((resolve, reject) => {
      body.flow({ data: (chunk) => (bytes += chunk.length), end: resolve, error: reject })
    })
    body.pause()
    await idle()
    const held = bytes
    await idle()
    expect(bytes).toBe(held)
    expect(bytes).toBeLessThan(32 * 1024 * 1024)
    body.resume()
    await ended
    expect(bytes).toBe(32 * 1024 * 1024)
  })
})

/** Until a few round trips on loopback could have been made. */
async function idle(): Promise<void> {
  const send = await http((_request, response) => response.end('x'))
  for (let i = 0; i < 10; i++) await readAll((await send(new Cancellation())).body)
}

test('a header that cannot be sent is a fault of ours, not of the provider', async () => {
  const pool = new Pool('http://127.0.0.1:9')
  onTestFinished(() => pool.destroy())
  const headers = { authorization: 'Bearer sk-canary\n' }
  const error = await refusal(
    new HttpExchange(new Cancellation()).run(pool, { path: '/', method: 'POST', headers }),
  )
  expect(error).toMatchObject({
    kind: 'internal',
    status: 500,
    retryable: false,
    message: 'The gateway could not write the request to the provider.',
  })
})

describe('a signal that is aborted', () => {
  test('before the request keeps it from being sent', async () => {
    let requests = 0
    const send = await http((_request, response) => {
      requests++
      response.end()
    })
    const signal = new Cancellation()
    signal.abort(GONE)
    await expect(send(signal)).rejects.toBe(GONE)
    await idle()
    expect(requests).toBe(0)
  })

  test('before the head refuses the reply and frees the connection', async () => {
    const arrived = gate()
    const closed = gate()
    const send = await http((request) => {
      request.socket.once('close', closed.open)
      arrived.open()
    })
    const signal = new Cancellation()
    const reply = refusal(send(signal))
    await arrived.opened
    signal.abort(GONE)
    await expect(reply).resolves.toBe(GONE)
    await closed.opened
  })

  test('within the body ends it with the reason and frees the connection', async () => {
    const closed = gate()
    const send = await http((request, response) => {
      request.socket.once('close', closed.open)
      response.write('begin')
    })
    const signal = new Cancellation()
    const { body } = await send(signal)
    const read = refusal(readAll(body))
    signal.abort(GONE)
    await expect(read).resolves.toBe(GONE)
    await closed.opened
  })

  test('before anyone reads the body ends it with the reason', async () => {
    const send = await http((_request, response) => response.write('begin'))
    const signal = new Cancellation()
    const { body } = await send(signal)
    signal.abort(GONE)
    await expect(readAll(body)).rejects.toBe(GONE)
  })

  test('after the end changes nothing', async () => {
    const send = await http((_request, response) => response.end('all'))
    const signal = new Cancellation()
    const { body } = await send(signal)
    await expect(readAll(body)).resolves.toBe('all')
    expect(() => signal.abort(GONE)).not.toThrow()
  })

  test('of another kind is told as a cancel', async () => {
    const send = await http(() => undefined)
    const controller = new AbortController()
    controller.abort(new Error('sk-canary'))
    const exchange = send(new Cancellation(controller.signal))
    await expect(exchange).rejects.toMatchObject({ message: expect.not.stringContaining('sk-canary') })
  })
})

test('a canceled body frees the connection and gives nothing more', async () => {
  const closed = gate()
  const send = await http((request, response) => {
    request.socket.once('close', closed.open)
    response.write('begin')
  })
  const { body } = await send(new Cancellation())
  const told: string[] = []
  const sink: ByteSink = {
    data: () => void told.push('data'),
    end: () => void told.push('end'),
    error: () => void told.push('error'),
  }
  body.cancel()
  body.cancel()
  body.flow(sink)
  await closed.opened
  await idle()
  expect(told).toEqual([])
})

describe('what can go wrong', () => {
  test('nobody listens', async () => {
    const server = createNetServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    await expect(connect(port)(new Cancellation())).rejects.toMatchObject({
      kind: 'connect',
      status: 502,
      message: 'The provider could not be reached.',
    })
  })

  test.each<[string, (socket: Socket) => void, object]>([
    [
      'the connection is closed before the head',
      (socket) => void socket.end(),
      { kind: 'truncated', status: 502 },
    ],
    [
      'the connection is reset before the head',
      (socket) => void socket.resetAndDestroy(),
      { kind: 'truncated', status: 502 },
    ],
    [
      'the answer is no HTTP',
      (socket) => void socket.end('SSH-2.0-OpenSSH\r\n'),
      { kind: 'bad_response', status: 502 },
    ],
    [
      'the head is larger than any',
      (socket) => void socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
      { kind: 'bad_response', status: 502 },
    ],
  ])('%s', async (_what, answer, expected) => {
    const send = await raw(answer)
    const error = await refusal(send(new Cancellation()))
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ ...expected, message: expect.not.stringContaining('127.0.0.1') })
  })

  test.each<[string, string]>([
    ['a chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegin\r\n'],
    ['a body of a known length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin'],
  ])('%s is cut short', async (_what, text) => {
    const send = await raw((socket) => {
      socket.write(text)
      setImmediate(() => socket.destroy())
    })
    const { body } = await send(new Cancellation())
    await expect(readAll(body)).rejects.toMatchObject({
      kind: 'truncated',
      status: 502,
      message: 'The provider closed the connection before its answer was complete.',
    })
  })

  test('the head does not come in time', async () => {
    const send = await raw(() => undefined, { headersTimeout: 50 })
    await expect(send(new Cancellation())).rejects.toMatchObject({ kind: 'timeout', status: 504 })
  })

  test('the body stops', async () => {
    const send = await raw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin'), {
      bodyTimeout: 50,
    })
    const { body } = await send(new Cancellation())
    await expect(readAll(body)).rejects.toMatchObject({
      kind: 'timeout',
      status: 504,
      message: 'The provider stopped sending its answer.',
    })
  })
})
