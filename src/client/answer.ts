import { GatewayRequestError } from './errors.ts'
import { retryAfterSeconds } from './retry.ts'

/** What turns an answer into an error: the answer, what was asked, and how to hide the caller's credential. */
export interface AnswerContext {
  response: Response
  /** Method and URL. */
  what: string
  redact: (text: string) => string
}

/** The error for a status outside 200 to 299, whose body is `text`. */
export function statusError(context: AnswerContext, text: string, attempts: number): GatewayRequestError {
  const { status, statusText } = context.response
  const tries = attempts > 1 ? ` (after ${attempts} attempts)` : ''
  return answerError(context, text, `answered ${`${status} ${statusText}`.trim()}${tries}`)
}

/** The error for an answer of any status; `problem` follows method and URL in its message. */
export function answerError(context: AnswerContext, text: string, problem: string): GatewayRequestError {
  const { response, what, redact } = context
  const body = parseJson(redact(text))
  const detail = describe(body)
  return new GatewayRequestError(`${what} ${problem}${detail ? `: ${detail}` : '.'}`, {
    status: eventStatus(response, body),
    body,
    detail,
    retryAfter: retryAfterSeconds(response.headers),
    requestId: response.headers.get('x-request-id') ?? undefined,
  })
}

/** `value` as an object whose members may be anything; undefined when it is none. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const record = typeof value === 'object' && value !== null && !Array.isArray(value)
  return record ? (value as Record<string, unknown>) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The status of an error that came inside a 200: the one that the error names, if any. */
function eventStatus(response: Response, body: unknown): number {
  if (!response.ok) return response.status
  const error = asRecord(asRecord(body)?.['error'])
  for (const status of [error?.['status'], error?.['code']]) {
    if (typeof status === 'number' && status >= 400 && status <= 599) return status
  }
  return response.status
}

const LONGEST_DETAIL = 1000

/** One line from an error body: `detail` as text or as FastAPI's list of fields, `error`, or `message`. */
function describe(body: unknown): string {
  if (typeof body === 'string') return body.trim().replace(/\s+/g, ' ').slice(0, LONGEST_DETAIL)
  if (Array.isArray(body)) return body.map(describeField).filter(Boolean).join('; ').slice(0, LONGEST_DETAIL)
  const record = asRecord(body)
  if (!record) return ''
  return describe(record['detail']) || describe(record['error']) || describe(record['message'])
}

function describeField(entry: unknown): string {
  const field = asRecord(entry)
  const message = field?.['msg']
  if (typeof message !== 'string') return describe(entry)
  const location: unknown = field?.['loc']
  const path = Array.isArray(location) ? location.filter((step) => step !== 'body').join('.') : ''
  return path ? `${path}: ${message}` : message
}
