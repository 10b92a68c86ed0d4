import { GatewayError } from '../../core/error.ts'

/** A refusal of what Anthropic cannot serve. `{parameter}` in the message is the client's word for `parameter`. */
export function refusal(message: string, parameter: string, cause?: unknown): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status: 422, parameter, cause })
}
