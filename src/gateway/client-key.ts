import type { Call } from '../core/call.ts'
import { GatewayError, toGatewayError } from '../core/error.ts'
import type { Next } from '../core/policy.ts'

/** A client's own key for the provider of a route that takes one. */
export const CLIENT_KEY_HEADER = 'x-gateway-provider-key'

/** The provider's key that a client sent for this route. */
export function clientKeyOf({ caller }: Call): string | undefined {
  return caller.header(CLIENT_KEY_HEADER)
}

/** Refuse such keys: who sends one must not be served on the gateway's account without knowing. */
export function refuseClientKeys(run: Next): Next {
  return (call) => {
    if (clientKeyOf(call) === undefined) return run(call)
    const message = `The route '${call.route.name}' takes no provider key of a client's: leave ${CLIENT_KEY_HEADER} out.`
    throw new GatewayError(message, { kind: 'bad_request', status: 400, code: 'client_key_not_allowed' })
  }
}

/** Take such keys, and see that nobody else is billed for what is done with one. */
export function takeClientKeys(run: Next): Next {
  return (call) => {
    call.trail.hasClientKey = clientKeyOf(call) !== undefined
    return run(call)
  }
}

/**
 * A failure of a request with a client's key. What is wrong with that key is the client's business, and no reason to
 * leave the target alone for others.
 */
export function withClientKey(thrown: unknown): GatewayError {
  const error = toGatewayError(thrown)
  if (error.kind === 'auth') {
    return new GatewayError(
      `The provider refused the key in ${CLIENT_KEY_HEADER}, or the account behind it.`,
      {
        kind: 'unauthorized',
        status: 401,
        code: 'provider_key_refused',
      },
    )
  }
  if (error.kind !== 'rate_limit') return error
  const { message, code, retryAfter, detail } = error
  return new GatewayError(message, {
    kind: 'busy',
    status: 429,
    detail,
    ...(code !== undefined && { code }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
