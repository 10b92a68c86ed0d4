import { type IncomingHttpHeaders, type IncomingMessage, request, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { waitFor, within } from './wait.ts'

const DEADLINE_MS = 15_000

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export interface Ask {
  method?: string
  /** A string or bytes are sent as they are, anything else as JSON. */
  body?: unknown
  headers?: Readonly<Record<string, string>>
  /** By default every request opens a connection of its own. */
  agent?: RequestOptions['agent']
}

/** One request and its whole answer. Rejects when the connection breaks before the end. */
export async function ask(url: string, options: Ask = {}): Promise<Answer> {
  const response = await open(url, options)
  let text = ''
  response.setEncoding('utf8')
  const whole = (async (): Promise<void> => {
    for await (const chunk of response) text += String(chunk)
  })()
  await within(`the whole answer of ${url}`, whole, DEADLINE_MS)
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

/** The JSON of a GET. `T` is what the test expects there; its assertions check it. */
export async function getJson<T>(url: string): Promise<T> {
  const { text } = await ask(url)
  const json: T = JSON.parse(text)
  return json
}

/** Resolves with the answer's head; its body is still to come. */
function open(url: string, { method, body, headers, agent = false }: Ask): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? undefined : encode(body)
    const length = sent === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent)) }
    const outgoing = request(
      url,
      {
        method: method ?? (sent === undefined ? 'GET' : 'POST'),
        agent,
        headers: { 'content-type': 'application/json', ...length, ...headers },
      },
      resolve,
    )
    outgoing.on('error', reject)
    outgoing.end(sent)
  })
}

function encode(body: unknown): string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
}

/** A chat request with one message. */
export function chatBody(prompt: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ messages: [{ role: 'user', content: prompt }], ...more })
}

/** An event stream that a test reads by and by. */
export class EventStream {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly done: Promise<void>
  text = ''
  /** The connection broke before the answer's end. */
  isBroken = false
  readonly #response: IncomingMessage

  private constructor(response: IncomingMessage) {
    this.#response = response
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    response.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk))
    this.done = new Promise((resolve) => {
      response.once('close', () => {
        this.isBroken = !response.complete
        resolve()
      })
    })
    response.on('error', () => undefined)
  }

  static async open(url: string, body: unknown, options: Ask = {}): Promise<EventStream> {
    const head = open(url, { ...options, body })
    return new EventStream(await within(`the first byte of ${url}`, head, DEADLINE_MS))
  }

  /** The data of each complete event so far. */
  events(): string[] {
    const text = this.text.replaceAll('\r\n', '\n')
    return text
      .slice(0, text.lastIndexOf('\n\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice('data:'.length).trim())
  }

  /** The text of all chunks so far. */
  content(): string {
    return this.events().map(contentOf).join('')
  }

  /** The error event that the stream ended in. */
  error(): { message: string; type: string } | undefined {
    const last: { error?: { message: string; type: string } } = JSON.parse(this.events().at(-1) ?? '{}')
    return last.error
  }

  async sees(text: string): Promise<void> {
    await waitFor(`"${text}" in the stream`, () => this.text.includes(text))
  }

  /** Wait for the end. */
  async end(deadlineMs: number = DEADLINE_MS): Promise<this> {
    await within('the end of the stream', this.done, deadlineMs)
    return this
  }

  /** Stop reading. */
  hold(): void {
    this.#response.pause()
  }

  readOn(): void {
    this.#response.resume()
  }

  /** Leave. */
  leave(): void {
    this.#response.destroy()
  }
}

function contentOf(event: string): string {
  if (!event.startsWith('{')) return ''
  const chunk: { choices?: { delta?: { content?: string | null }; text?: string }[] } = JSON.parse(event)
  return (chunk.choices ?? []).map(({ delta, text }) => delta?.content ?? text ?? '').join('')
}

/** A bare connection on which a test writes what it likes. */
export class RawConnection {
  readonly socket: Socket
  readonly closed: Promise<void>
  received = ''

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1').on('data', (text: string) => (this.received += text))
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve())
    })
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(new RawConnection(socket)))
      socket.once('error', reject)
    })
  }

  /** Send a request as it is and give back the status of the answer. */
  async status(text: string | Buffer): Promise<number> {
    this.socket.write(text)
    const line = await waitFor('an answer', () => /HTTP\/1\.1 (\d+)[\s\S]*\r\n\r\n/.exec(this.received))
    return Number(line[1])
  }
}

/** Whether a new connection is taken. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
