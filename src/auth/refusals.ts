import { GatewayError } from '../core/error.ts'
import { CredentialRefusal } from '../core/identity.ts'

/** The same for every credential that is not good: why is told to the log alone. */
export function unauthorized(reason: CredentialRefusal['reason'], id?: string): GatewayError {
  return new GatewayError(
    'The API key is missing or not valid. Send a key of this gateway in the Authorization header: "Bearer <key>".',
    {
      kind: 'unauthorized',
      status: 401,
      code: 'invalid_api_key',
      cause: new CredentialRefusal(reason, id),
    },
  )
}

/** Told for names that no route has too, so that nobody learns which there are. */
export function routeNotAllowed(route: string): GatewayError {
  return new GatewayError(`This key may not use the route '${route}'.`, {
    kind: 'forbidden',
    status: 403,
    code: 'route_not_allowed',
  })
}

/** What cannot be looked up is neither good nor bad. */
export function cannotCheck(cause?: unknown): GatewayError {
  return new GatewayError('The gateway cannot check API keys at the moment. Try again.', {
    kind: 'busy',
    status: 503,
    code: 'keys_unavailable',
    retryAfter: '1',
    cause,
  })
}
