import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { waitFor } from '../../support/wait.ts'
import { type Behaviour, isFailure, stepsOf } from './behaviour.ts'
import { beginEntry, endEntry, type LedgerEntry, readBody } from './ledger.ts'
import { listen } from '../../support/listen.ts'
import { playSteps } from './play-steps.ts'

/** One behaviour for all requests, a queue of which the last stays, or a choice for each request. */
export type Script = Behaviour | readonly Behaviour[] | ((entry: LedgerEntry) => Behaviour)

/** The model whose script answers what no other script is for. */
export const ANY_MODEL = '*'

interface Connection {
  readonly id: number
  requests: number
  /** Requests on it that are under way. */
  busy: number
}

/**
 * A provider on loopback that answers OpenAI's chat, Anthropic's messages and Gemini's generateContent as its scripts
 * want. Its ledger is what the gateway's own account is held against.
 */
export class MockProvider {
  readonly name: string
  readonly ledger: LedgerEntry[] = []
  /** False: new connections are taken and nothing is read from them. */
  isReading = true
  readonly #server: Server
  readonly #scripts = new Map<string, (entry: LedgerEntry) => Behaviour>()
  readonly #connections = new Map<Socket, Connection>()
  #accepted = 0
  #port = 0

  private constructor(name: string) {
    this.name = name
    const http = createHttpServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
      void this.#answer(request, response)
    })
    // HTTP gets a connection from here, so that one can also be left unread.
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      this.#connections.set(socket, { id: ++this.#accepted, requests: 0, busy: 0 })
      socket.on('error', () => undefined)
      socket.once('close', () => this.#connections.delete(socket))
      if (!this.isReading) return
      http.emit('connection', socket)
      socket.resume()
    })
  }

  /** Listens when it resolves. End it with `close`. */
  static async start(name = 'provider'): Promise<MockProvider> {
    const provider = new MockProvider(name)
    provider.#port = await listen(provider.#server)
    return provider
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Connections accepted so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** Connections that are open now. */
  get openSockets(): number {
    return this.#connections.size
  }

  /** Connections on which a request is under way. */
  get busySockets(): number {
    return [...this.#connections.values()].filter(({ busy }) => busy > 0).length
  }

  /** From now on requests for this model are answered by this script. */
  plays(model: string, script: Script): void {
    this.#scripts.set(model, toChoice(script))
  }

  /** Forget all scripts and all requests, for the next run. */
  reset(): void {
    this.#scripts.clear()
    this.ledger.length = 0
    this.isReading = true
  }

  /** The requests with this marker. */
  of(marker: string): LedgerEntry[] {
    return this.ledger.filter(({ markers }) => markers.includes(marker))
  }

  /** Wait until a request with this marker has come in. */
  arrival(marker: string): Promise<LedgerEntry> {
    return waitFor(`a request ${marker} at ${this.name}`, () => this.of(marker)[0])
  }

  /** Do something to each connection on which nothing is under way: end it, reset it, say what nobody asked for. */
  toIdle(act: (socket: Socket) => void): void {
    for (const [socket, { busy }] of this.#connections) if (busy === 0) act(socket)
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#connections.keys()) socket.destroy()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    const connection = this.#connections.get(socket) ?? { id: 0, requests: 0, busy: 0 }
    const number = this.ledger.length + 1
    const isReused = connection.requests++ > 0
    const entry = beginEntry(request, { provider: this.name, number, socket: connection.id, isReused })
    this.ledger.push(entry)
    connection.busy++
    const gone = new AbortController()
    response.on('error', () => undefined)
    response.once('close', () => {
      connection.busy--
      gone.abort()
      endEntry(entry, 'aborted')
    })
    if (!(await readRequest(entry, request))) return
    const choose = this.#scripts.get(entry.model) ?? this.#scripts.get(ANY_MODEL)
    const behaviour = choose?.(entry) ?? {}
    await playSteps(stepsOf(behaviour, entry), {
      response,
      socket,
      gone: gone.signal,
      wrote: (bytes) => (entry.bytesSent += bytes),
      // Before the last step, because the other side may hang up as soon as it has seen it.
      ending: () => endEntry(entry, isFailure(behaviour) ? 'failed' : 'answered'),
    })
  }
}

function toChoice(script: Script): (entry: LedgerEntry) => Behaviour {
  if (typeof script === 'function') return script
  const queue = Array.isArray(script) ? [...script] : [script]
  return () => (queue.length > 1 ? queue.shift() : queue[0]) ?? {}
}

/** False when the other side left before its request was complete. */
async function readRequest(entry: LedgerEntry, request: IncomingMessage): Promise<boolean> {
  const parts: Buffer[] = []
  try {
    for await (const part of request) {
      parts.push(part)
      entry.bytesReceived += part.length
    }
  } catch {
    return false
  }
  readBody(entry, Buffer.concat(parts))
  return true
}
