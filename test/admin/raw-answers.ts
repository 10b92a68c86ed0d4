import { connect } from 'node:net'

/** A request, each part of it as it is to be sent. */
export interface RawQuestion {
  readonly method: string
  readonly target: string
  readonly credential?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface RawAnswer {
  readonly status: number
  readonly text: string
}

/** Asks a server over bare sockets, a few at a time: clients of HTTP tidy up what they send. */
export class RawAnswers {
  readonly #port: number
  #open = 0
  readonly #waiting: (() => void)[] = []

  constructor(port: number) {
    this.#port = port
  }

  async ask(question: RawQuestion): Promise<RawAnswer> {
    if (this.#open >= MOST_OPEN) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#open++
    try {
      return await this.#send(question)
    } finally {
      this.#open--
      this.#waiting.shift()?.()
    }
  }

  #send({ method, target, credential, headers = {}, body = '' }: RawQuestion): Promise<RawAnswer> {
    const lines = [
      `${method} ${target} HTTP/1.1`,
      `host: ${headers['host'] ?? '127.0.0.1'}`,
      'connection: close',
      ...(credential === undefined ? [] : [`authorization: Bearer ${credential}`]),
      ...Object.entries(headers).flatMap(([name, value]) => (name === 'host' ? [] : [`${name}: ${value}`])),
      ...(body.length > 0
        ? [`content-length: ${Buffer.byteLength(body)}`, 'content-type: application/json']
        : []),
    ]
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, '127.0.0.1')
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('error', () => undefined)
      socket.once('close', () => {
        const received = Buffer.concat(chunks).toString('utf8')
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0)
        if (status === 0) reject(new Error(`no answer to ${method} ${target}`))
        else resolve({ status, text: received.slice(received.indexOf('\r\n\r\n') + 4) })
      })
      socket.write(`${lines.join('\r\n')}\r\n\r\n`)
      socket.write(body)
    })
  }
}

const MOST_OPEN = 20
