import { request } from 'undici'

/** Asks the admin API of the gateway under test. */
export class AdminClient {
  readonly #url: string
  readonly #secret: string

  constructor(url: string, secret: string) {
    this.#url = url
    this.#secret = secret
  }

  /** The text of a good answer; anything else is a mistake of the gateway, or of the soak. */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, sent: Sent = {}): Promise<string> {
    const { statusCode, body } = await request(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#secret}`,
        ...(sent.body !== undefined && { 'content-type': 'application/json' }),
        ...(sent.version !== undefined && { 'if-match': `"${sent.version}"` }),
      },
      ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
    })
    const text = await body.text()
    if (statusCode >= 300) throw new Error(`${method} ${path} answered ${statusCode}: ${text.slice(0, 300)}`)
    return text
  }
}

interface Sent {
  readonly body?: unknown
  /** Of the object that is changed. */
  readonly version?: number
}
