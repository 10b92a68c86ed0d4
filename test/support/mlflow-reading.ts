import { GatewayError } from '../../src/core/error.ts'
import type { Contract } from '../../src/dialects/mlflow/read-request.ts'

/** One of the readers of MLflow's request bodies; all have one signature. */
export type Read<Request> = (contract: Contract, body: Buffer, contentType: string) => Request

/** Read a body, given as text or as what its JSON holds. */
export function read<Request>(reader: Read<Request>, contract: Contract, body: unknown): Request {
  return reader(
    contract,
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    'application/json',
  )
}

/** The status, and the detail or the message, of the refusal that `body` gets. */
export function refusal(reader: Read<unknown>, contract: Contract, body: unknown): unknown {
  try {
    read(reader, contract, body)
  } catch (error) {
    if (error instanceof GatewayError) return [error.status, error.detail ?? error.message]
    throw error
  }
  return undefined
}

/** The 422 for one mistake at `body.` + `loc`. */
export function mistake(
  loc: (string | number)[],
  msg: string,
  ...[type, limit]: [type: string, limit?: number]
): unknown {
  return [
    422,
    [{ loc: ['body', ...loc], msg, type, ...(limit === undefined ? {} : { ctx: { limit_value: limit } }) }],
  ]
}

export const MODEL_REFUSED: unknown = [
  422,
  "The parameter 'model' is not permitted to be passed. The route being queried already defines a model instance.",
]
export const N_REFUSED: unknown = [400, 'Invalid parameter `n`. Use `candidate_count` instead.']
/** Message and type for a null that may not be. */
export const NULL = ['none is not an allowed value', 'type_error.none.not_allowed'] as const
