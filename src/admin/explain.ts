import { GatewayError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { ExplainRequest } from './contract.ts'
import type { Resource } from './resource.ts'

/** What would become of a request, without sending it. */
export const explain: Resource = {
  method: 'POST',
  path: '/admin/explain',
  answer: (plane, body) => plane.explain(readBody(body)),
}

const KEYS: ReadonlySet<string> = new Set(['route', 'request', 'dialect', 'headers', 'key'])

function readBody(body: unknown): ExplainRequest {
  if (!isObject(body)) throw refuse('The body must be a JSON object with "route" and "request".')
  const unknown = Object.keys(body).find((key) => !KEYS.has(key))
  // A key in a wrong place may be a credential: it is not repeated.
  if (unknown !== undefined) throw refuse(`The body has an unknown key; known are ${[...KEYS].join(', ')}.`)
  const { route, request, headers } = body
  if (typeof route !== 'string') throw refuse('"route" must be the name of a route.')
  if (!isObject(request)) throw refuse('"request" must be the JSON object that a client would send.')
  const dialect = text(body, 'dialect')
  const key = text(body, 'key')
  return {
    route,
    request,
    ...(dialect !== undefined && { dialect }),
    ...(headers !== undefined && { headers: readHeaders(headers) }),
    ...(key !== undefined && { key }),
  }
}

function text(body: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = body[key]
  if (value === undefined || typeof value === 'string') return value
  throw refuse(`"${key}" must be a string.`)
}

function readHeaders(value: unknown): Record<string, string> {
  const entries = isObject(value) ? Object.entries(value) : []
  const texts = entries.flatMap(([name, text]) => (typeof text === 'string' ? [[name, text] as const] : []))
  if (isObject(value) && texts.length === entries.length) return Object.fromEntries(texts)
  throw refuse('"headers" must be an object whose values are strings.')
}

function refuse(message: string): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status: 400 })
}
