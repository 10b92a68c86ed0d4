import { createHash } from 'node:crypto'
import type { RequestHead } from './dialect.ts'
import type { Identity } from './identity.ts'

/** Who sent a request, as far as the gateway knows. */
export class Caller {
  readonly head: RequestHead
  /** Undefined where nobody had to say who they are. */
  readonly identity: Identity | undefined
  #tenant: string | undefined

  constructor(head: RequestHead, identity?: Identity) {
    this.head = head
    this.identity = identity
  }

  /** One header of the client's; the first when it was sent several times. */
  header(name: string): string | undefined {
    const value = this.head.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  /**
   * Whose data is kept apart from whose: a digest of who they are, else of the credential that the client sent, and one
   * word for all that sent none. Made only when something is kept by it.
   */
  get tenant(): string {
    this.#tenant ??= this.#digest()
    return this.#tenant
  }

  #digest(): string {
    if (this.identity) return digestOf(`${this.identity.by} ${this.identity.id}`)
    const credential =
      CREDENTIAL_HEADERS.map((name) => this.header(name)).find((value) => value !== undefined) ??
      this.head.search.get('key')
    return credential ? digestOf(credential) : 'anonymous'
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Where clients of the dialects put their credential. */
const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key']
