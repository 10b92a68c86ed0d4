import type { ErrorReply } from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import { readPlainError } from '../plain-error.ts'

/**
 * A refusal in Cohere's shape `{"message"}`, whatever else it holds. Never throws.
 * Spec: https://docs.cohere.com/reference/errors
 */
export function readError(status: number, contentType: string, body: string): GatewayError {
  // Cohere's own status for a token that has expired.
  return readPlainError(status === 498 ? 401 : status, contentType, body)
}

/** A failure in Cohere's shape: its SDKs choose their exception by the status. */
export function writeError(error: GatewayError): ErrorReply {
  return { status: error.status, body: writeErrorObject(error) }
}

function writeErrorObject({ message, code }: GatewayError): JsonObject {
  return code === undefined ? { message } : { message, error_type: code }
}
