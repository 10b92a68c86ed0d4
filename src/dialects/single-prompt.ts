import { GatewayError } from '../core/error.ts'
import type { JsonObject } from '../core/json.ts'
import type { ChatRequest } from '../core/request.ts'

/** The text of a request's only message, for models that complete a prompt and know no conversation. */
export function promptOf({ messages }: ChatRequest): string {
  const [message] = messages
  if (!message || messages.length > 1) {
    throw refuse(`The provider takes a single message; this request has ${messages.length}.`)
  }
  const texts = message.parts.map((part) => {
    if (part.type === 'text') return part.text
    throw refuse(`The provider takes text only; the message holds a part of type '${part.type}'.`)
  })
  return texts.join('')
}

/** What such models have no place for, of the members that the request has. */
export function notForPrompts(request: ChatRequest, carried: ReadonlySet<keyof ChatRequest>): string[] {
  return OPTIONS.filter((name) => request[name] !== undefined && !carried.has(name))
}

/** The client's own further parameters, which go to any model, unless they belong to another dialect. */
export function freeExtras({
  extras,
  extrasDialect,
}: Pick<ChatRequest, 'extras' | 'extrasDialect'>): JsonObject {
  return extrasDialect === undefined || extrasDialect === 'mlflow' ? extras : {}
}

/** Names of the extras that `freeExtras` leaves out. */
export function foreignExtras(request: Pick<ChatRequest, 'extras' | 'extrasDialect'>): string[] {
  return freeExtras(request) === request.extras ? [] : Object.keys(request.extras)
}

/** Throws a 422 for an extra that is the provider's word for a field that has one here, as MLflow does. */
export function refuseOwnNames(extras: JsonObject, fields: Readonly<Record<string, string>>): void {
  for (const [parameter, name] of Object.entries(fields)) {
    if (name in extras) throw refuse(`Invalid parameter ${name}. Use {parameter} instead.`, parameter)
  }
}

/** A 422: the request cannot be served by this provider. */
export function refuse(message: string, parameter = 'messages'): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status: 422, parameter })
}

const OPTIONS = [
  'temperature',
  'topP',
  'topK',
  'maxTokens',
  'stop',
  'candidates',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'logprobs',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'responseFormat',
  'reasoning',
  'endUser',
  'cache',
] as const satisfies readonly (keyof ChatRequest)[]
