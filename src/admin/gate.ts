import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Secret } from '../core/secret.ts'
import { framingError } from '../http/guard.ts'

/** Why a request goes no further. */
export interface Refusal {
  readonly status: number
  readonly detail: string
}

/**
 * Who is let in: those who address this server by a name of its own and know the token. What is asked for does not
 * matter, so that a stranger learns nothing of it.
 */
export class Gate {
  readonly #hosts: ReadonlySet<string>
  readonly #isWildcard: boolean
  #token: Buffer

  constructor({ host, token }: { host: string; token: Secret }) {
    this.#hosts = new Set([...LOOPBACK, host.toLowerCase()])
    this.#isWildcard = host === '0.0.0.0' || host === '::'
    this.#token = digest(token.reveal())
  }

  /** From now on only this token is taken. */
  changeToken(token: Secret): void {
    this.#token = digest(token.reveal())
  }

  refusal(request: IncomingMessage): Refusal | undefined {
    const problem = framingError(request)
    if (problem !== undefined) return { status: 400, detail: problem }
    if (!this.#knowsHost(request.headers.host)) return { status: 421, detail: MISDIRECTED }
    return this.#knowsToken(request.headers.authorization) ? undefined : { status: 401, detail: UNAUTHORIZED }
  }

  /** A page of another site that gives its own name this address (DNS rebinding) has that name in `Host`. */
  #knowsHost(header = ''): boolean {
    const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]@/?#\s]+))(?::\d{1,5})?$/i.exec(header) ?? []
    const name = (bracketed ?? plain)?.toLowerCase()
    if (name === undefined) return false
    return this.#hosts.has(name) || (this.#isWildcard && isIP(name) !== 0)
  }

  /** Digests are of one length and tell nothing of the token, so comparing them takes always the same time. */
  #knowsToken(header = ''): boolean {
    const [, given] = /^bearer +(\S.*)$/i.exec(header) ?? []
    return timingSafeEqual(digest(given ?? ''), this.#token) && given !== undefined
  }
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']
const MISDIRECTED =
  'This server has no such name. Call it by its address, or by the name in server.admin_host.'
const UNAUTHORIZED = 'Send the token of server.admin_token as "authorization: Bearer ...".'

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
