import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { framingError } from './guard.ts'

/** What the guard says to a request of these bytes. */
async function judge(head: string): Promise<string> {
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    response.end(framingError(request) ?? 'sound')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.end(`${head.replaceAll('\n', '\r\n')}\r\nconnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}

const TARGET = 'The request target must be a path.'
const HOST = 'The request must have exactly one Host header.'

test.each([
  ['GET / HTTP/1.1\nhost: a', 'sound'],
  ['GET /a?b=//c HTTP/1.1\nHOST: a', 'sound'],
  ['GET http://evil/ HTTP/1.1\nhost: a', TARGET],
  ['OPTIONS * HTTP/1.1\nhost: a', TARGET],
  ['GET / HTTP/1.0\nx: a', 'sound'],
  ['GET / HTTP/1.0\nhost: a\nhost: b', HOST],
  ['GET / HTTP/1.1\nx: a', HOST],
  ['GET / HTTP/1.1\nhost: a\nhost: b', HOST],
  ['GET / HTTP/1.1\nhost: a\nHost: a', HOST],
])('%j: %s', async (head, expected) => {
  await expect(judge(head)).resolves.toContain(expected)
})
