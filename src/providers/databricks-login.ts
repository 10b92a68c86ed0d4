import { GatewayError } from '../core/error.ts'
import { asNumber, asObject, asString } from '../core/json.ts'
import { Secret } from '../core/secret.ts'
import type { HttpHeaders } from './http-provider.ts'

interface ServicePrincipal {
  /** Without a slash at its end. */
  host: string
  id: string
  secret: Secret
}

/** A token is renewed this long before it expires, and kept this long when nobody says how long it lives. */
const MARGIN_MS = 60_000
const DEFAULT_LIFE_MS = 10 * 60_000

/**
 * Tokens for a service principal, got when the first request needs one and again before they expire.
 * Spec: https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
 */
export class DatabricksLogin {
  readonly #principal: ServicePrincipal
  #token: Promise<HttpHeaders> | undefined
  #renewAt = 0

  constructor(principal: ServicePrincipal) {
    this.#principal = principal
  }

  /** Rejects with a `GatewayError` when there is no token to be had; the next request tries again. */
  headers(): Promise<HttpHeaders> {
    if (!this.#token || Date.now() >= this.#renewAt) {
      this.#renewAt = Number.POSITIVE_INFINITY
      this.#token = this.#fetch().catch((error: unknown) => {
        this.#token = undefined
        throw error
      })
    }
    return this.#token
  }

  async #fetch(): Promise<HttpHeaders> {
    const { host, id, secret } = this.#principal
    const credentials = Buffer.from(`${id}:${secret.reveal()}`).toString('base64')
    const body = 'grant_type=client_credentials&scope=all-apis'
    let answer: unknown
    try {
      const response = await fetch(`${host.replace(/\/serving-endpoints$/, '')}/oidc/v1/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${credentials}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(30_000),
      })
      answer = await response.json()
    } catch (cause) {
      throw failed(cause)
    }
    const { access_token: token, expires_in: seconds } = asObject(answer)
    const text = asString(token)
    if (text === undefined) throw failed(answer)
    const lifeMs = asNumber(seconds)
    this.#renewAt =
      Date.now() + Math.max((lifeMs === undefined ? DEFAULT_LIFE_MS : lifeMs * 1000) - MARGIN_MS, 0)
    return { authorization: new Secret(`Bearer ${text}`) }
  }
}

function failed(cause: unknown): GatewayError {
  return new GatewayError(
    'Databricks gave no token for the service principal. Check client_id, client_secret and host.',
    {
      kind: 'auth',
      status: 502,
      cause,
    },
  )
}
