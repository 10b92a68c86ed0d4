/**
 * The provider of the bench: a server like OpenAI's and Bedrock's that answers as fast as node:http can, from bodies made beforehand.
 * `--chunks 200` events per stream, `--interval-ms 1` between them (0: one per turn of the event loop), unless the
 * model's name sets another pace.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { chatCompletion, chatCompletionChunks, embeddings } from './bodies.ts'
import { announcePort } from './announce-port.ts'
import { converseMessages } from './converse-messages.ts'
import { paceOf, type Pace } from './pace.ts'

const { values } = parseArgs({
  options: {
    chunks: { type: 'string', default: '200' },
    'interval-ms': { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
  },
})

const intervalMs = Number(values['interval-ms'])
const chunks = Number(values.chunks)
const chat = chatStream({ events: chunks, ms: intervalMs })
const paced = new Map<string, Stream>()
const converse: Stream = {
  contentType: 'application/vnd.amazon.eventstream',
  intervalMs,
  ...converseMessages(chunks),
}
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
    const pace = head && paceOf(startOf(head))
    if (wantsStream(head) || wantsStream(tail)) return sendStream(response, pace ? pacedStream(pace) : chat)
    if (pace === undefined) return sendJson(response, wholeChat)
    setTimeout(() => sendJson(response, wholeChat), pace.ms)
  })
}

function wantsStream(bytes: Buffer | undefined): boolean {
  if (bytes === undefined) return false
  if (WANTS_STREAM.test(startOf(bytes))) return true
  if (bytes.length <= SEARCHED_BYTES) return false
  return WANTS_STREAM.test(bytes.toString('latin1', bytes.length - SEARCHED_BYTES, bytes.length))
}

function startOf(bytes: Buffer): string {
  return bytes.toString('latin1', 0, Math.min(SEARCHED_BYTES, bytes.length))
}

/** Made once for each pace. */
function pacedStream(pace: Pace): Stream {
  const key = `${pace.events} ${pace.ms}`
  const known = paced.get(key)
  if (known) return known
  const stream = chatStream(pace)
  paced.set(key, stream)
  return stream
}

function chatStream({ events = chunks, ms }: Pace): Stream {
  return {
    contentType: 'text/event-stream',
    intervalMs: ms,
    pieces: chatCompletionChunks(events).map((event) => Buffer.from(event)),
    last: Buffer.from('data: [DONE]\n\n'),
  }
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
  intervalMs: number
  pieces: readonly Buffer[]
  last: Buffer
}

/**
 * One write per event, each in a turn of its own, so that each leaves as a TCP segment of its own. One that is late does
 * not make those after it late.
 */
function sendStream(response: ServerResponse, { contentType, intervalMs, pieces, last }: Stream): void {
  const startedAt = performance.now()
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
    if (intervalMs > 0) setTimeout(writeNext, Math.max(startedAt + next * intervalMs - performance.now(), 1))
    else setImmediate(writeNext)
  }
}
