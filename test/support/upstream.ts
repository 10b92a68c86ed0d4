import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { waitFor } from './wait.ts'

/** One request that the gateway made, and how it went. Times are `performance.now()`. */
export interface LedgerEntry {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly prompt: string
  readonly model: string
  readonly stream: boolean
  readonly receivedAt: number
  /** The gateway hung up before the answer was complete. */
  abortedAt?: number
  /** Body bytes given to the socket. */
  bytesSent: number
}

/** What a script may do with one request. */
export interface Turn {
  readonly entry: LedgerEntry
  readonly response: ServerResponse
  readonly socket: Socket
  /** Write body bytes; false when the gateway takes no more for now. */
  write(bytes: string | Buffer): boolean
  /** Answer with status, headers and body as they are. */
  send(status: number, headers: Readonly<Record<string, string>>, body?: string | Buffer): void
  /** Begin an event stream. */
  startStream(): void
}

/** Answers one request. */
export type Script = (turn: Turn) => void

/** A provider on loopback: each prompt has its script, and everything that arrives is remembered. */
export class Upstream {
  readonly ledger: LedgerEntry[] = []
  readonly port: number
  readonly #close: () => Promise<void>

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port
    this.#close = close
  }

  /** The script is chosen by the longest key that the request's prompt begins with; the key '' takes all others. */
  static async start(scripts: Readonly<Record<string, Script>>): Promise<Upstream> {
    const keys = Object.keys(scripts).toSorted((one, other) => other.length - one.length)
    let upstream: Upstream | undefined
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void answer(request, response)
    })
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const entry = toEntry(request, await readAll(request))
      upstream?.ledger.push(entry)
      response.once('close', () => {
        if (!response.writableFinished) entry.abortedAt = performance.now()
      })
      response.on('error', () => undefined)
      const key = keys.find((key) => entry.prompt.startsWith(key))
      if (key === undefined) response.writeHead(404).end()
      else scripts[key]?.(toTurn(entry, request, response))
    }
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    upstream = new Upstream(port, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return upstream
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The requests with this prompt. */
  of(prompt: string): LedgerEntry[] {
    return this.ledger.filter((entry) => entry.prompt === prompt)
  }

  /** Wait for the first request with this prompt. */
  arrival(prompt: string): Promise<LedgerEntry> {
    return waitFor(`a request "${prompt}" at the provider`, () => this.of(prompt)[0])
  }

  /** Wait until the gateway has hung up on the first request with this prompt; the time at which it did. */
  abortion(prompt: string): Promise<number> {
    return waitFor(`the abortion of "${prompt}" at the provider`, () => this.of(prompt)[0]?.abortedAt)
  }

  close(): Promise<void> {
    return this.#close()
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

interface RequestBody {
  model?: string
  stream?: boolean
  input?: string
  messages?: { content?: string | { text?: string }[] }[]
}

function toEntry(request: IncomingMessage, body: string): LedgerEntry {
  const { url = '', headers } = request
  const { model = '', stream = false, input = '', messages }: RequestBody = JSON.parse(body)
  const content = messages?.at(-1)?.content ?? input
  const prompt = typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('')
  const receivedAt = performance.now()
  return { path: url, headers, body, prompt, model, stream, receivedAt, bytesSent: 0 }
}

function toTurn(entry: LedgerEntry, { socket }: IncomingMessage, response: ServerResponse): Turn {
  return {
    entry,
    response,
    socket,
    write(bytes): boolean {
      entry.bytesSent += Buffer.byteLength(bytes)
      return response.write(bytes)
    },
    send(status, headers, body = ''): void {
      response.writeHead(status, headers)
      response.end(body)
    },
    startStream(): void {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
    },
  }
}
