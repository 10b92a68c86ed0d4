import type { ClientRequest, UpstreamFormat } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { Provider } from '../core/provider.ts'

/** The provider's format for a request: the client's own, when it is spoken there, else the preferred one. */
export function chooseFormat(
  { formats }: Provider,
  { operation, speaks }: ClientRequest,
): UpstreamFormat | undefined {
  let chosen: UpstreamFormat | undefined
  for (const format of formats) {
    if (format.operation !== operation) continue
    if (format.name === speaks) return format
    chosen ??= format
  }
  return chosen
}

/** Whether a provider has a way to serve a request. Who cannot count estimates. */
export function canServe(provider: Provider, request: ClientRequest): boolean {
  if (request.operation === 'raw') return provider.forward !== undefined
  return request.operation === 'count-tokens' || chooseFormat(provider, request) !== undefined
}

/** The failure of a request that the provider has no way to serve. */
export function notServed({ name }: Provider, { operation }: ClientRequest): GatewayError {
  return new GatewayError(
    `The provider '${name}' of this route does not serve ${operation}. Call a route whose provider does.`,
    { kind: 'bad_request', status: 422 },
  )
}
