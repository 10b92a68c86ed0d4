import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { looksLikeKey } from '../auth/new-key.ts'
import type { Secret } from '../core/secret.ts'
import { framingError } from '../http/guard.ts'
import type { Principal } from './access.ts'
import { ATTEMPT_LIMIT, Attempts, type AttemptLimit } from './attempts.ts'
import type { Refusal } from './errors.ts'
import { isOfOwnPage, Sessions, sessionTokenOf } from './sessions.ts'

export interface GateSetup {
  /** Where the server listens. */
  readonly host: string
  /** The admin secret. */
  readonly secret: Secret
  /** Who a token of an identity provider is of; absent: none is taken. */
  readonly verify?: TokenCheck
  /** Who is signed in. */
  readonly sessions?: Sessions
  readonly attempts?: AttemptLimit
  readonly now?: () => number
}

/** Undefined: the token is none, or gives no role here. Rejects when that cannot be found out now. */
export type TokenCheck = (token: string) => Promise<Principal | undefined>

/**
 * Who is let in: those who address this server by a name of its own and prove who they are. What is asked for does not
 * matter, so that a stranger learns nothing of it.
 */
export class Gate {
  readonly #hosts: ReadonlySet<string>
  readonly #isWildcard: boolean
  readonly #attempts: Attempts
  readonly #verify: TokenCheck | undefined
  readonly #sessions: Sessions
  #secret: Buffer

  constructor({ host, secret, attempts = ATTEMPT_LIMIT, now = Date.now, ...setup }: GateSetup) {
    this.#verify = setup.verify
    this.#sessions = setup.sessions ?? new Sessions(now)
    this.#hosts = new Set([...LOOPBACK, host.toLowerCase()])
    this.#isWildcard = host === '0.0.0.0' || host === '::'
    this.#attempts = new Attempts(attempts, now)
    this.#secret = digest(secret.reveal())
  }

  /** From now on only this secret is taken, and nobody who signed in with another stays. */
  changeSecret(secret: Secret): void {
    const next = digest(secret.reveal())
    if (!timingSafeEqual(next, this.#secret)) this.#sessions.endAll()
    this.#secret = next
  }

  /** Why nobody at all may send such a request. */
  misdirection(request: IncomingMessage): Refusal | undefined {
    const problem = framingError(request)
    if (problem !== undefined) return { code: 'bad_request', message: problem }
    return this.#knowsHost(request.headers.host) ? undefined : MISDIRECTED
  }

  /** Who sent it, or why it goes no further. Nothing of a body is read. */
  admit(request: IncomingMessage): Principal | Refusal | Promise<Principal | Refusal> {
    const [, given] = /^bearer +(\S.*)$/i.exec(request.headers.authorization ?? '') ?? []
    if (given === undefined) return this.#signedIn(request) ?? UNAUTHORIZED
    const address = request.socket.remoteAddress ?? ''
    const blockedMs = this.#attempts.blockedMs(address)
    if (blockedMs > 0) return tooMany(blockedMs)
    if (this.#knowsSecret(given)) return ADMIN
    if (looksLikeKey(given)) return VIRTUAL_KEY
    if (this.#verify && TOKEN.test(given)) return this.#admitToken(given, { address, verify: this.#verify })
    return this.#refuse(address)
  }

  #signedIn(request: IncomingMessage): Principal | undefined {
    const token = sessionTokenOf(request)
    if (token === undefined || !isOfOwnPage(request)) return undefined
    return this.#sessions.find(token)?.principal
  }

  async #admitToken(
    token: string,
    { address, verify }: { address: string; verify: TokenCheck },
  ): Promise<Principal | Refusal> {
    try {
      return (await verify(token)) ?? this.#refuse(address)
    } catch {
      return NOT_NOW
    }
  }

  #refuse(address: string): Refusal {
    this.#attempts.wrong(address)
    return UNAUTHORIZED
  }

  /** A page of another site that gives its own name this address (DNS rebinding) has that name in `Host`. */
  #knowsHost(header = ''): boolean {
    const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]@/?#\s]+))(?::\d{1,5})?$/i.exec(header) ?? []
    const name = (bracketed ?? plain)?.toLowerCase()
    if (name === undefined) return false
    return this.#hosts.has(name) || (this.#isWildcard && isIP(name) !== 0)
  }

  /** Digests are of one length and tell nothing of the secret, so comparing them takes always the same time. */
  #knowsSecret(given: string): boolean {
    return timingSafeEqual(digest(given), this.#secret)
  }
}

/** Three parts of base64url, as RFC 7515 writes them. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/
const ADMIN: Principal = { name: 'admin', role: 'admin' }
const LOOPBACK = ['localhost', '127.0.0.1', '::1']
const MISDIRECTED: Refusal = {
  code: 'misdirected',
  message: 'This server has no such name. Call it by its address, or by the name in server.admin_host.',
}
const UNAUTHORIZED: Refusal = {
  code: 'unauthorized',
  message: 'Send the admin secret as "authorization: Bearer ...".',
  headers: { 'www-authenticate': 'Bearer' },
}
const NOT_NOW: Refusal = {
  code: 'unavailable',
  message: 'Tokens cannot be checked now: the identity provider does not answer. Try again later.',
}
const VIRTUAL_KEY: Refusal = {
  code: 'virtual_key',
  message: 'A virtual key calls models; the admin API takes the admin secret.',
}

function tooMany(ms: number): Refusal {
  return {
    code: 'too_many_attempts',
    message: 'Too many wrong credentials came from this address.',
    headers: { 'retry-after': String(Math.ceil(ms / 1000)) },
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
