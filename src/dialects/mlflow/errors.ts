import type { ErrorReply } from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import { writeFrame } from '../../wire/sse.ts'
import { parameterName as openAiName } from '../openai/parameter-names.ts'
import type { Contract } from './read-request.ts'

/** MLflow's errors are FastAPI's: `{"detail": ...}`, a sentence or a list of field errors. */
export function writeError(error: GatewayError): ErrorReply {
  return { status: error.status, body: { detail: error.detail ?? error.message } }
}

/** An error after a stream has begun, as MLflow sends it: one event, then the end. */
export function writeStreamError(error: GatewayError): string {
  return writeFrame(JSON.stringify({ error: { message: error.message, type: error.kind } }))
}

/** The contract's own words for the canonical parameters that a provider may refuse. */
export function parameterName(contract: Contract, parameter: string): string {
  if (parameter === 'candidates' && contract !== '2.9') return 'candidate_count'
  return openAiName(parameter)
}
