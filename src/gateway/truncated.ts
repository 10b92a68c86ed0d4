import { GatewayError } from '../core/error.ts'

/** The failure of a stream that ended without its protocol's end marker: it must never look like a success. */
export function truncated(): GatewayError {
  return new GatewayError("The provider's stream ended before its answer was complete.", {
    kind: 'truncated',
    status: 502,
  })
}
