import { asNumber, asObject, asString } from '../core/json.ts'
import { Secret } from '../core/secret.ts'
import type { FreshToken } from './expiring-token.ts'
import { leasePool } from './pool.ts'

export interface TokenRequest {
  uri: string
  /** A form, as `application/x-www-form-urlencoded`. */
  body: string
  headers?: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 30_000
/** Asked again after this when nobody says how long a token lives. */
const DEFAULT_LIFE_MS = 5 * 60_000

/**
 * An access token by OAuth 2. Rejects with an error that says why there is none.
 * Spec: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export async function fetchToken({ uri, body, headers = {} }: TokenRequest): Promise<FreshToken> {
  const { origin, pathname, search } = new URL(uri)
  const pool = leasePool(origin, 'token')
  try {
    const reply = await pool.dispatcher.request({
      origin,
      path: pathname + search,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const answer = asObject(await reply.body.json())
    if (reply.statusCode !== 200) {
      throw new TypeError(
        asString(answer['error_description']) ?? `the answer has status ${reply.statusCode}`,
      )
    }
    const token = asString(answer['access_token'])
    if (token === undefined) throw new TypeError('the answer holds no access_token')
    const seconds = asNumber(answer['expires_in'])
    return { token: new Secret(token), lifeMs: seconds === undefined ? DEFAULT_LIFE_MS : seconds * 1000 }
  } finally {
    await pool.release()
  }
}
