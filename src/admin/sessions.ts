import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Principal } from './access.ts'

/** Somebody who signed in to the dashboard. */
export interface Session {
  readonly principal: Principal
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

interface KeptSession extends Session {
  lastSeenAt: number
}

const LONGEST_MS = 12 * 3_600_000
const LONGEST_IDLE_MS = 2 * 3_600_000
/** The oldest makes room for a new one. */
const MOST = 1_000
const COOKIE = 'mlflow_gateway_session'

/** Who is signed in: kept here alone, so that signing out, or a new admin secret, ends a session at once. */
export class Sessions {
  readonly #byDigest = new Map<string, KeptSession>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** The text that stands for it, which is kept nowhere here. */
  open(principal: Principal): Session & { readonly token: string } {
    const [oldest] = this.#byDigest.keys()
    if (this.#byDigest.size >= MOST && oldest !== undefined) this.#byDigest.delete(oldest)
    const token = randomBytes(32).toString('base64url')
    const now = this.#now()
    const session = { principal, expiresAt: now + LONGEST_MS }
    this.#byDigest.set(digest(token), { ...session, lastSeenAt: now })
    return { ...session, token }
  }

  find(token: string): Session | undefined {
    const place = digest(token)
    const session = this.#byDigest.get(place)
    if (!session) return undefined
    const now = this.#now()
    if (now >= session.expiresAt || now - session.lastSeenAt >= LONGEST_IDLE_MS) {
      this.#byDigest.delete(place)
      return undefined
    }
    session.lastSeenAt = now
    return session
  }

  end(token: string): void {
    this.#byDigest.delete(digest(token))
  }

  endAll(): void {
    this.#byDigest.clear()
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** What a request says of its session; undefined when it says nothing. */
export function sessionTokenOf({ headers }: IncomingMessage): string | undefined {
  const pairs = headers.cookie?.split(';').map((pair) => pair.trim()) ?? []
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
}

/**
 * Whether a page of ours sent it. Browsers send the cookie with what pages on other ports of this machine ask for: those
 * are the same site to them (RFC 6265bis, section 5.2).
 */
export function isOfOwnPage({ method, headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  const isRead = method === 'GET' || method === 'HEAD'
  if (site !== undefined) return site === 'same-origin' || (isRead && site === 'none')
  // Browsers tell no site to plain HTTP on other addresses than loopback, but always from where a change is asked for.
  if (isRead) return true
  return headers.origin !== undefined && /^https?:\/\/(.+)$/.exec(headers.origin)?.[1] === headers.host
}

/** The `Set-Cookie` that keeps a session; without a token, the one that forgets it. */
export function sessionCookie(token: string | undefined, isSecure: boolean): string {
  const age = token === undefined ? 0 : LONGEST_MS / 1000
  const secure = isSecure ? '; Secure' : ''
  return `${COOKIE}=${token ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`
}
