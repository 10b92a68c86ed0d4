import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Cancellation } from '../core/cancel.ts'
import { GatewayError } from '../core/error.ts'
import { readBody } from './read-body.ts'

const LIMIT = 100

interface Listening {
  port: number
  /** What became of the first request's body. */
  read: Promise<Buffer>
}

async function listen(signal = new Cancellation()): Promise<Listening> {
  const server = createServer()
  const read = new Promise<Buffer>((resolve, reject) => {
    server.on('request', (request, response) => {
      readBody({ request, signal }, LIMIT)
        .then(resolve, reject)
        .finally(() => response.end())
    })
  })
  read.catch(() => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, read }
}

async function post(body: string, headers: Record<string, string> = {}): Promise<Buffer> {
  const { port, read } = await listen()
  void fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers }).catch(() => undefined)
  return read
}

/** Sends a head and the pieces of a chunked body; gives the socket, still open. */
async function send(
  head: string,
  ...pieces: string[]
): Promise<{ read: Promise<Buffer>; leave: () => void }> {
  const { port, read } = await listen()
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  socket.write(`POST / HTTP/1.1\r\nhost: a\r\n${head}\r\n\r\n`)
  for (const piece of pieces) socket.write(piece)
  return { read, leave: () => void socket.end() }
}

describe('readBody', () => {
  test.each([0, 1, LIMIT])('reads %i bytes', async (size) => {
    expect((await post('x'.repeat(size))).toString()).toBe('x'.repeat(size))
  })

  test('joins the pieces of a body of unknown length', async () => {
    const { read } = await send(
      'transfer-encoding: chunked',
      '2\r\nhi\r\n',
      '3\r\n you\r\n'.replace(' you', ' yo'),
      '0\r\n\r\n',
    )
    expect((await read).toString()).toBe('hi yo')
  })

  test('takes a body that says it is not encoded', async () => {
    expect((await post('a', { 'content-encoding': 'identity' })).toString()).toBe('a')
  })

  const tooLarge = {
    kind: 'too_large',
    status: 413,
    message: expect.stringMatching(/larger than 100 bytes.*server\.body_limit/),
  }

  test('refuses a body that says it is too large before it comes', async () => {
    const { read } = await send(`content-length: ${LIMIT + 1}`)
    await expect(read).rejects.toMatchObject(tooLarge)
  })

  test('refuses a body that turns out too large before it ends', async () => {
    const { read } = await send('transfer-encoding: chunked', `65\r\n${'x'.repeat(101)}\r\n`)
    await expect(read).rejects.toMatchObject(tooLarge)
  })

  test.each(['gzip', 'br', 'deflate, gzip'])('refuses a body in %s', async (encoding) => {
    await expect(post('a', { 'content-encoding': encoding })).rejects.toMatchObject({
      status: 415,
      message: expect.stringContaining(encoding),
    })
  })

  test('fails when the client leaves in the middle', async () => {
    const { read, leave } = await send('content-length: 50', 'half')
    leave()
    await expect(read).rejects.toMatchObject({ kind: 'canceled', status: 499 })
  })

  const shutdown = new GatewayError('The gateway is shutting down.', { kind: 'draining', status: 503 })

  test('gives up with the reason of its signal while the rest is still to come', async () => {
    const signal = new Cancellation()
    const { port, read } = await listen(signal)
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\n\r\nhalf')
    const aborted = setInterval(() => signal.abort(shutdown), 10)
    onTestFinished(() => clearInterval(aborted))
    await expect(read).rejects.toBe(shutdown)
  })

  test('does not begin after its signal was aborted', async () => {
    const signal = new Cancellation()
    signal.abort(shutdown)
    const { port, read } = await listen(signal)
    void fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'a' }).catch(() => undefined)
    await expect(read).rejects.toBe(shutdown)
  })
})
