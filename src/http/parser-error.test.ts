import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { answerParserError } from './parser-error.ts'

/** All that comes back until the server closes the connection; each piece is sent when something came for the last. */
async function send(bytes: readonly string[], options: ServerOptions = {}): Promise<string> {
  // Begins its answer and never ends it.
  const server = createServer(options, (_request, response) => void response.writeHead(200).write('begun'))
  server.on('clientError', answerParserError)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const closed = once(socket, 'close')
  for (const [index, piece] of bytes.entries()) {
    if (index > 0) await once(socket, 'data')
    socket.write(piece)
  }
  await closed
  return text
}

test.each([
  ['400 Bad Request', 'nonsense\r\n\r\n', 'The request is not valid HTTP.'],
  [
    '431 Request Header Fields Too Large',
    `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    "The request's headers are too large.",
  ],
  ['408 Request Timeout', 'GET / HTTP/1.1\r\nhost: a\r\n', 'The request was not complete in time.'],
])('is told as %s in JSON, and the connection is closed', async (status, bytes, detail) => {
  const text = await send([bytes], {
    maxHeaderSize: 16_384,
    headersTimeout: 50,
    requestTimeout: 50,
    connectionsCheckingInterval: 20,
  })
  const [head = '', body = ''] = text.split('\r\n\r\n')
  expect(head.split('\r\n')).toEqual([
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ])
  expect(JSON.parse(body)).toEqual({ detail })
})

test('never becomes part of an answer that has begun', async () => {
  const text = await send(['GET / HTTP/1.1\r\nhost: a\r\n\r\n', 'nonsense\r\n\r\n'])
  expect(text).toContain('begun')
  expect(text).not.toContain('not valid HTTP')
})
