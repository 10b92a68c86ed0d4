/**
 * The provider of the bench: a server like OpenAI's and Bedrock's that answers as fast as node:http can, from bodies made beforehand.
 * `--chunks 200` events per stream, `--interval-ms 1` between them (0: one per turn of the event loop).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { chatCompletion, chatCompletionChunks, embeddings } from './bodies.ts'
import { announcePort } from './announce-port.ts'
import { converseMessages } from './converse-messages.ts'

const { values } = parseArgs({
  options: {
    chunks: { type: 'string', default: '200' },
    'interval-ms': { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
  },
})

const intervalMs = Number(values['interval-ms'])
const chunks = Number(values.chunks)
const chat: Stream = {
  contentType: 'text/event-stream',
  pieces: chatCompletionChunks(chunks).map((event) => Buffer.from(event)),
  last: Buffer.from('data: [DONE]\n\n'),
}
const converse: Stream = { contentType: 'application/vnd.amazon.eventstream', ...converseMessages(chunks) }
const wholeChat = Buffer.from(chatCompletion())
const wholeEmbeddings = Buffer.from(embeddings())

/** `stream` stands near the start or the end of a body; a long prompt between them is not searched. */
const SEARCHED_BYTES = 4096
const WANTS_STREAM = /"stream":\s*true/

const server = createServer(answer)
server.keepAliveTimeout = 600_000
announcePort(server, Number(values.port))

function answer(request: IncomingMessage, response: ServerResponse): void {
  let head: Buffer | undefined
  let tail: Buffer | undefined
  request.on('data', (bytes: Buffer) => {
    head ??= bytes
    tail = bytes
  })
  request.on('end', () => {
    const path = request.url ?? ''
    if (path.startsWith('/v1/embeddings')) return sendJson(response, wholeEmbeddings)
    if (path.endsWith('/converse-stream')) return sendStream(response, converse)
    if (!path.startsWith('/v1/chat/completions')) return refuse(response)
    if (wantsStream(head) || wantsStream(tail)) return sendStream(response, chat)
    sendJson(response, wholeChat)
  })
}

function wantsStream(bytes: Buffer | undefined): boolean {
  if (bytes === undefined) return false
  if (WANTS_STREAM.test(bytes.toString('latin1', 0, Math.min(SEARCHED_BYTES, bytes.length)))) return true
  if (bytes.length <= SEARCHED_BYTES) return false
  return WANTS_STREAM.test(bytes.toString('latin1', bytes.length - SEARCHED_BYTES, bytes.length))
}

function sendJson(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}

function refuse(response: ServerResponse): void {
  const body = JSON.stringify({
    error: { message: 'The bench upstream has no such path.', type: 'not_found' },
  })
  response.writeHead(404, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

interface Stream {
  contentType: string
  pieces: readonly Buffer[]
  last: Buffer
}

/** One write per event, each in a turn of its own, so that each leaves as a TCP segment of its own. */
function sendStream(response: ServerResponse, { contentType, pieces, last }: Stream): void {
  let next = 0
  let closed = false
  response.on('close', () => (closed = true))
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-cache' })
  writeNext()

  function writeNext(): void {
    if (closed) return
    const event = pieces[next]
    next += 1
    if (event === undefined) {
      response.end(last)
      return
    }
    response.write(event)
    if (intervalMs > 0) setTimeout(writeNext, intervalMs)
    else setImmediate(writeNext)
  }
}
