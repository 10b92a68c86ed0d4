import type { AdminErrorCode, RefusalAnswer, RouteIssue } from '../../src/admin/contract.ts'

/** A refusal of the admin API, or that it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: AdminErrorCode | 'unreachable'
  readonly issues: readonly RouteIssue[]

  constructor(code: AdminErrorCode | 'unreachable', message: string, issues: readonly RouteIssue[] = []) {
    super(message)
    this.code = code
    this.issues = issues
  }
}

/** A query's values; those that are absent or empty are left out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

export interface Change {
  readonly body?: unknown
  /** The version that an object was read with. */
  readonly version?: number
  /** In place of the session's cookie. */
  readonly credential?: string
}

/** Read from the admin API. Fails with an `ApiError`. */
export function get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  return ask('GET', withQuery(path, query), { ...(signal && { signal }) })
}

/** Change something. Fails with an `ApiError`. */
export function send<Answer>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  { body, version, credential }: Change = {},
): Promise<Answer> {
  return ask(method, path, {
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(version !== undefined && { 'if-match': `"${version}"` }),
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** A path with its query. */
export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    const values = typeof value === 'object' ? value : [value]
    for (const one of values) if (one !== undefined && one !== '') search.append(name, String(one))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** A name as a segment of a path. */
export function segment(name: string): string {
  return encodeURIComponent(name)
}

async function ask<Answer>(method: string, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetchOrFail(path, { method, ...init })
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw refusalOf(answer, response.status)
  return answer as Answer
}

/** Like `fetch`, but for the error. */
export async function fetchOrFail(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError('unreachable', 'The gateway does not answer. Is it running?')
  }
}

function refusalOf(answer: unknown, status: number): ApiError {
  if (isRefusal(answer)) return new ApiError(answer.error.code, answer.error.message, answer.error.issues)
  return new ApiError('internal', `The gateway answered with status ${status}.`)
}

function isRefusal(answer: unknown): answer is RefusalAnswer {
  return typeof answer === 'object' && answer !== null && 'error' in answer
}
