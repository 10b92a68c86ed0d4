import type { IncomingMessage } from 'node:http'
import type { RawClientRequest } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import { isCredential, withoutCredentials } from './credentials.ts'
import { sendOn } from './send-on.ts'
import type { TakeIn } from './take-in.ts'

/** Any request below `/proxy/{route}`, its body sent on while it arrives. */
export const takeRaw: TakeIn = async ({ request }, _runtime, named) => {
  if (!named) throw new Error('a raw request has its route in the path')
  return { route: named, read: () => readRaw(request) }
}

function readRaw(request: IncomingMessage): RawClientRequest {
  const { method = 'GET' } = request
  const path = pathBelow(request.url ?? '')
  const body = hasBody(request) ? { body: { stream: sendOn(request), ...lengthOf(request) } } : {}
  return {
    operation: 'raw',
    method,
    path,
    headers: sentOn(request),
    ...body,
    passThrough: () => undefined,
    parameterName: (parameter) => parameter,
  }
}

/** What comes after `/proxy/{route}`. Throws a 400 for a path that could lead out of the provider's base URL. */
function pathBelow(url: string): string {
  const [path, query] = splitOnce(url, '?')
  const below = path.replace(/^(?:\/gateway)?\/proxy\/[^/]+/, '') || '/'
  if (LEADS_OUT.test(below)) {
    throw new GatewayError('The path holds a step that could lead elsewhere (`..`, `//` or a backslash).', {
      kind: 'bad_request',
      status: 400,
    })
  }
  const kept = query === undefined ? '' : withoutCredentials(query)
  return kept === '' ? below : `${below}?${kept}`
}

/**
 * A step up, an empty step or a backslash, percent-encoded or not: some servers decode before they resolve. They also cut
 * a step at `;`, and a path at `#`.
 */
const LEADS_OUT = /(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|[;#]|%3b|%23|$)|(?:\/|%2f){2}|\\|%5c|%25(?:2[ef]|5c)/i

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** What belongs to the connection to us, or says who the client is, stays here. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
])

function sentOn({ headers }: IncomingMessage): Record<string, string> {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/\s*,\s*/))
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || KEPT_BACK.has(name) || named.has(name)) continue
    if (isCredential(name) || name.startsWith('x-forwarded-') || name.startsWith('x-gateway-')) continue
    kept[name] = value
  }
  return kept
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function lengthOf({ headers }: IncomingMessage): { length?: number } {
  const length = Number(headers['content-length'])
  return Number.isSafeInteger(length) ? { length } : {}
}
