import type { DescribedRequest } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import type { HttpHeaders, OutgoingRequest } from './http-provider.ts'

export interface DescribedWith {
  /** Those that every request to the target has. */
  readonly fixed: HttpHeaders
  /** Those of the client that go on. */
  readonly forwarded: HttpHeaders
  /** Whether each request gets a credential of its own. */
  readonly isAuthorized: boolean
}

/** A request to a provider as text that anybody may see. */
export function describeRequest(
  { method, origin, path, contentType, body }: OutgoingRequest,
  { fixed, forwarded, isAuthorized }: DescribedWith,
): DescribedRequest {
  const isUpload = typeof body === 'object' && body !== null && 'stream' in body
  return {
    method,
    url: origin + path,
    headers: [
      ...shown(fixed),
      ['content-type', contentType],
      ...shown(forwarded),
      ...(isAuthorized ? [['authorization', String(new Secret(''))] as const] : []),
    ],
    body: isUpload ? '' : (body ?? ''),
    notes: [
      ...(isAuthorized ? ['A signature or a token that expires is added when the request is sent.'] : []),
      ...(isUpload ? ['The body is sent on while it arrives.'] : []),
    ],
  }
}

/** A credential is a `Secret` by right; a header of such a name is hidden whoever wrote it. */
function shown(headers: HttpHeaders): (readonly [string, string])[] {
  return Object.entries(headers).map(([name, value]) => {
    const hidden = CREDENTIAL.test(name) && typeof value === 'string' ? new Secret(value) : value
    return [name, String(hidden)]
  })
}

const CREDENTIAL = /auth|cookie|secret|token|credential|(?:^|-)(?:api-?)?key$/i
