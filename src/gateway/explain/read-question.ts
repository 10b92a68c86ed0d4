import type { Call } from '../../core/call.ts'
import { Caller } from '../../core/caller.ts'
import { Cancellation } from '../../core/cancel.ts'
import type { Dialect, Endpoint, RequestHead } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteInfo, RouteType, ServerSettings } from '../../core/route.ts'
import type { Secret } from '../../core/secret.ts'
import { Trail } from '../../core/trail.ts'

/** A request that nobody sent. */
export interface Question {
  readonly body: Buffer
  /** The name of the API that the body is of; OpenAI's when absent, Cohere's for reranking. */
  readonly dialect?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The caller's credential. */
  readonly key?: Secret
}

/**
 * The call that the server would make of a question. Throws a `GatewayError` of kind `bad_request` for a dialect that
 * there is not or that does not serve the route's type, and what the dialect throws for the body.
 */
export function readQuestion(
  question: Question,
  { dialects, route, settings }: { dialects: readonly Dialect[]; route: RouteInfo; settings: ServerSettings },
): Call {
  const head = headOf(question)
  const name = question.dialect ?? (route.type === 'llm/v1/rerank' ? 'cohere' : 'openai')
  const endpoints = endpointsFor(name, route, dialects)
  const context = { route, head, settings }
  return {
    id: 'explain',
    route,
    request: readWithFirst(endpoints, (endpoint) => endpoint.read(question.body, context)),
    caller: new Caller(head),
    signal: new Cancellation(),
    trail: new Trail(),
  }
}

function headOf({ headers = {}, key }: Question): RequestHead {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const credential = key ? { authorization: `Bearer ${key.reveal()}` } : {}
  return { headers: { ...Object.fromEntries(lower), ...credential }, search: new URLSearchParams() }
}

function endpointsFor(
  name: string,
  { name: route, type }: RouteInfo,
  dialects: readonly Dialect[],
): Endpoint[] {
  const named = dialects.filter((dialect) => dialect.name === name)
  if (named.length === 0) {
    const names = [...new Set(dialects.map((dialect) => dialect.name))].join(', ')
    throw refuse(`There is no dialect "${name}"; write one of ${names}.`)
  }
  const endpoints = named.flatMap((dialect) => dialect.endpoints).filter(({ path }) => PATHS[type].test(path))
  if (endpoints.length > 0) return endpoints
  throw refuse(
    `The dialect "${name}" has no API for the route "${route}", which is of type ${type}; name another.`,
  )
}

/** How the paths end that take the main request of a type, in all dialects. */
const PATHS: Readonly<Record<RouteType, RegExp>> = {
  'llm/v1/chat': /(?:chat\/completions|\/messages|\/responses|\/chat|:generateContent|\/invocations)$/,
  'llm/v1/completions': /(?:[^t]\/completions|\/messages|\/responses|:generateContent|\/invocations)$/,
  'llm/v1/embeddings': /(?:\/embeddings|\/embed|:embedContent|:batchEmbedContents|\/invocations)$/,
  'llm/v1/rerank': /\/rerank$/,
  'llm/v1/images': /\/images\/generations$/,
  'llm/v1/audio': /\/audio\/speech$/,
  'llm/v1/moderations': /\/moderations$/,
}

/** What the first endpoint reads that can; a body that none can read fails as the first one says. */
function readWithFirst<Read>(endpoints: readonly Endpoint[], read: (endpoint: Endpoint) => Read): Read {
  let failure: unknown
  for (const endpoint of endpoints) {
    try {
      return read(endpoint)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}

function refuse(message: string): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status: 400 })
}
