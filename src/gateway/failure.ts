import type { UpstreamFormat } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { Provider, UpstreamReply } from '../core/provider.ts'
import type { Secret } from '../core/secret.ts'
import { readWhole } from './read-body.ts'

/** Why a provider did not answer with 2xx, as the client may know it. */
export async function readFailure(
  provider: Provider,
  format: UpstreamFormat,
  reply: UpstreamReply,
): Promise<GatewayError> {
  if (reply.status < 400) {
    reply.body.cancel()
    return new GatewayError(`The provider answered with HTTP ${reply.status}, which is not followed.`, {
      kind: 'bad_response',
      status: 502,
    })
  }
  const body = await readWhole(reply.body)
  const error = format.readError(validStatus(reply.status), reply.contentType, body.toString('utf8'))
  return presentable(error, provider, reply.retryAfter)
}

/**
 * A provider's error as it may leave the gateway: without any of our secrets, and never as the caller's own 401. That
 * the gateway's credential is wrong is the operator's business, and the provider's text about it may show part of it.
 */
export function presentable(error: GatewayError, provider: Provider, retryAfter?: string): GatewayError {
  // Some providers say it in the body (Gemini's `RetryInfo`).
  const wait = retryAfter ?? error.retryAfter
  const options = {
    kind: error.kind,
    status: error.status,
    cause: error.cause,
    ...(error.parameter === undefined ? {} : { parameter: scrub(error.parameter, provider.secrets) }),
    ...(error.code === undefined ? {} : { code: scrub(error.code, provider.secrets) }),
    ...(wait !== undefined && RETRY_AFTER.test(wait) ? { retryAfter: wait } : {}),
  }
  if (error.kind === 'auth') {
    return new GatewayError(
      `The provider '${provider.name}' refused the gateway's own credential or account (HTTP ${error.status}). Nothing is wrong with your request: ask the operator of this gateway to check the key of this route and the account behind it.`,
      { ...options, status: 502 },
    )
  }
  return new GatewayError(scrub(error.message, provider.secrets), {
    ...options,
    detail: scrubValue(error.detail, provider.secrets),
  })
}

/** Seconds or an HTTP date; anything else is no use to a client, and a provider could put our key there. */
const RETRY_AFTER = /^(?:\d+(?:\.\d+)?|[A-Z][a-z]{2,8}, [\w :-]{15,25} GMT)$/

/** `text` without the secrets of a provider. */
export function scrub(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((scrubbed, secret) => {
    const hidden = secret.reveal()
    return hidden.length < SHORTEST_SECRET ? scrubbed : scrubbed.replaceAll(hidden, '[redacted]')
  }, text)
}

/** Shorter ones (`none`, `ollama`) are words that local servers ask for, and stand in texts for other reasons. */
const SHORTEST_SECRET = 8

function scrubValue(value: unknown, secrets: readonly Secret[]): unknown {
  if (value === undefined) return value
  try {
    const scrubbed: unknown = JSON.parse(
      JSON.stringify(value, (_key, member: unknown) => {
        if (typeof member === 'string') return scrub(member, secrets)
        return isObject(member) ? withScrubbedKeys(member, secrets) : member
      }),
    )
    return scrubbed
  } catch (error) {
    // Nested too deeply to be written; the message remains.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function withScrubbedKeys(object: object, secrets: readonly Secret[]): unknown {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [scrub(key, secrets), member]))
}

/** A status outside HTTP's range cannot be sent on. */
function validStatus(status: number): number {
  return status >= 400 && status <= 599 ? status : 502
}
