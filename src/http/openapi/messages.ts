import type { JsonObject, JsonValue } from '../../core/json.ts'
import { reference } from './reference.ts'

/** The kinds of routes, as they stand in component names. */
export const KINDS = ['Chat', 'Completions', 'Embeddings'] as const
export type Kind = (typeof KINDS)[number]

/** Every request body that a query can have: its schema and the examples that fit. */
export function requestBodies(): JsonObject {
  const bodies: JsonObject = {}
  for (const generation of ['Seed', 'Mlflow', 'OpenAi'] as const) {
    for (const kind of KINDS) {
      // What the first gateway asked of embeddings never changed.
      if (generation === 'Seed' && kind === 'Embeddings') continue
      const shape = generation === 'Seed' ? 'Mlflow' : generation
      bodies[`${generation}${kind}`] = requestBody(
        `${generation}${kind}Request`,
        requestExamples(shape, kind),
      )
    }
  }
  return bodies
}

/** A body that must be there, with examples by name. */
export function requestBody(schema: string, examples: JsonObject): JsonObject {
  return {
    required: true,
    content: { 'application/json': { schema: reference('schemas', schema), examples } },
  }
}

function requestExamples(shape: 'Mlflow' | 'OpenAi', kind: Kind): JsonObject {
  const plain = { [lower(kind)]: reference('examples', `${shape}${kind}Request`) }
  if (kind === 'Embeddings') return plain
  return { ...plain, stream: reference('examples', `${shape}${kind}StreamRequest`) }
}

/** Every answer, refusals included. `bodyLimit` is in bytes. */
export function responses(bodyLimit: number): JsonObject {
  const answers: JsonObject = {}
  for (const shape of ['Mlflow', 'OpenAi'] as const) {
    for (const kind of KINDS) answers[`${shape}${kind}Reply`] = reply(shape, kind)
  }
  return { ...answers, ...refusals(bodyLimit) }
}

function reply(shape: 'Mlflow' | 'OpenAi', kind: Kind): JsonObject {
  const name = `${shape}${kind}Reply`
  const content: JsonObject = {
    'application/json': {
      schema: reference('schemas', name),
      examples: { [lower(kind)]: reference('examples', name) },
    },
  }
  if (kind !== 'Embeddings') {
    content['text/event-stream'] = {
      schema: {
        type: 'string',
        description: `With \`stream: true\`: one \`data:\` line with a ${kind}Chunk for each event, or a StreamError as the last.`,
      },
      'x-event-data': {
        anyOf: [reference('schemas', `${kind}Chunk`), reference('schemas', 'StreamError')],
      },
      examples: { stream: reference('examples', `${kind}Stream`) },
    }
  }
  return answer(content)
}

/** An answer to a query, in any of its content types. */
export function answer(content: JsonObject): JsonObject {
  return {
    description: "The model's answer.",
    headers: {
      'x-request-id': reference('headers', 'RequestId'),
      'x-gateway-dropped-params': reference('headers', 'DroppedParams'),
      ...Object.fromEntries(Object.keys(TRAIL).map((name) => [name, reference('headers', name)])),
    },
    content,
  }
}

/** The headers that answers have in common. */
export function headers(): JsonObject {
  return {
    RequestId: {
      description: "The gateway's name for this request; its log has it too.",
      schema: { type: 'string', format: 'uuid' },
    },
    DroppedParams: {
      description: 'Fields of the request that the provider has no place for, with commas between.',
      schema: { type: 'string' },
    },
    RetryAfter: {
      description:
        "The provider's own word for when to try again, or the gateway's when it refuses by itself.",
      schema: { type: 'string' },
    },
    ...TRAIL,
  }
}

/** What an answer tells of its way: see `write-trail.ts`. */
const TRAIL: JsonObject = {
  'x-gateway-route': { description: 'The route that was asked.', schema: { type: 'string' } },
  'x-gateway-target': { description: 'Who answered, or was asked last.', schema: { type: 'string' } },
  'x-gateway-attempts': {
    description: 'How many requests went to providers.',
    schema: { type: 'integer', minimum: 0 },
  },
  'x-gateway-cache': {
    description: 'What the cache said; absent where the route has none.',
    schema: { type: 'string', enum: ['hit', 'miss', 'bypass'] },
  },
  'x-gateway-overhead-ms': {
    description: "Milliseconds of the gateway's own until the answer began.",
    schema: { type: 'number', minimum: 0 },
  },
}

function refusals(bodyLimit: number): JsonObject {
  return {
    BadRequest: refusal('A parameter of the other shape, or one that the provider refused.', {
      detail: 'Invalid parameter `n`. Use `candidate_count` instead.',
    }),
    NotFound: refusal('No route has this name.', {
      detail: "The route 'chatt' is not present or active on the server. Please verify the route name.",
    }),
    TooLarge: refusal(`The body is larger than the ${bodyLimit} bytes that this gateway takes.`, {
      detail: `The request body is larger than ${bodyLimit} bytes.`,
    }),
    Invalid: refusal('The body does not fit the schema, or names a model.', {
      detail: [{ loc: ['body', 'messages'], msg: 'field required', type: 'value_error.missing' }],
    }),
    RateLimited: refusal(
      'The provider takes no more requests for now.',
      { detail: 'Rate limit reached for requests.' },
      { 'retry-after': reference('headers', 'RetryAfter') },
    ),
    Failed: refusal('The provider or the gateway failed.', {
      detail: 'The gateway failed while handling this request.',
    }),
    BadGateway: refusal("The provider could not be reached, or refused the gateway's own key.", {
      detail: 'The provider could not be reached.',
    }),
    Unavailable: refusal(
      'The provider is overloaded, or the gateway shuts down.',
      { detail: 'The gateway is shutting down and could wait no longer for this answer. Try again.' },
      { 'retry-after': reference('headers', 'RetryAfter') },
    ),
    Timeout: refusal('The provider did not answer in time.', {
      detail: 'The provider did not answer in time.',
    }),
    NotTheirs: refusal('What callers may not do.', { detail: "Limits are the operator's." }),
  }
}

function refusal(description: string, example: JsonValue, more: JsonObject = {}): JsonObject {
  const extra = Object.keys(more).length > 0 ? { headers: more } : {}
  return {
    description,
    ...extra,
    content: { 'application/json': { schema: reference('schemas', 'Error'), example } },
  }
}

function lower(kind: Kind): string {
  return kind.toLowerCase()
}
