import { DatabaseError } from '../core/database.ts'
import { GatewayError } from '../core/error.ts'
import type { RouteIssue } from '../core/route-listing.ts'

/** What a refusal is about. Codes never change their meaning. */
export type AdminErrorCode =
  | 'bad_request'
  | 'invalid'
  | 'invalid_json'
  | 'unauthorized'
  | 'forbidden'
  | 'virtual_key'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'changed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'misdirected'
  | 'version_required'
  | 'too_many_attempts'
  | 'internal'
  | 'unavailable'

/** The status of every code, and when it is given. */
export const ADMIN_ERRORS: Readonly<Record<AdminErrorCode, { status: number; when: string }>> = {
  bad_request: {
    status: 400,
    when: 'The request, its query or its body is not as described; the message says where.',
  },
  invalid: { status: 422, when: 'It would not work; `issues` says what is wrong, and where.' },
  invalid_json: { status: 400, when: 'The body is not JSON in UTF-8, or is nested too deeply.' },
  unauthorized: { status: 401, when: 'No credential, or one that is not known.' },
  forbidden: { status: 403, when: 'The role may not do this.' },
  virtual_key: { status: 403, when: 'The credential is a virtual key: those are for models only.' },
  not_found: {
    status: 404,
    when: 'There is no such path, or no such object among those that the caller may see.',
  },
  method_not_allowed: { status: 405, when: 'The path has other methods; `allow` names them.' },
  conflict: { status: 409, when: 'There is one of that name already, or something else needs the object.' },
  changed: { status: 412, when: 'Somebody changed the object meanwhile; read it again.' },
  too_large: { status: 413, when: 'The body is larger than 1 MiB, or than 25 MiB for the playground.' },
  unsupported_media_type: { status: 415, when: 'The body is not sent as `application/json`.' },
  misdirected: { status: 421, when: 'The `Host` header is no name of this server.' },
  version_required: {
    status: 428,
    when: 'A change needs `If-Match` with the `ETag` that the object was read with.',
  },
  too_many_attempts: {
    status: 429,
    when: 'This address sent too many wrong credentials; `retry-after` says when to go on.',
  },
  internal: { status: 500, when: 'The gateway failed while handling the request.' },
  unavailable: { status: 503, when: 'The database cannot be reached; try again later.' },
}

/** Why a request is refused, as its answer says it. */
export interface Refusal {
  readonly code: AdminErrorCode
  readonly message: string
  readonly issues?: readonly RouteIssue[]
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal on its way to the answer. */
export class AdminError extends Error implements Refusal {
  override readonly name = 'AdminError'
  readonly code: AdminErrorCode
  /** One by one, where there may be several. */
  readonly issues: readonly RouteIssue[]

  constructor(code: AdminErrorCode, message: string, issues: readonly RouteIssue[] = []) {
    super(message)
    this.code = code
    this.issues = issues
  }
}

/** The answer to one that asks for what there is not, or for what is not its own: the two cannot be told apart. */
export function notFound(what: string): AdminError {
  return new AdminError('not_found', `There is no such ${what}.`)
}

/** Any thrown value as a refusal; of the gateway's own faults it says nothing. */
export function toRefusal(thrown: unknown): Refusal {
  if (thrown instanceof AdminError) return thrown
  if (thrown instanceof DatabaseError) return { code: DATABASE_CODES[thrown.kind], message: wordsOf(thrown) }
  if (thrown instanceof GatewayError && thrown.status < 500) {
    return { code: thrown.status === 404 ? 'not_found' : 'bad_request', message: thrown.message }
  }
  return { code: 'internal', message: 'The gateway failed while handling this request.' }
}

const DATABASE_CODES = {
  taken: 'conflict',
  stale: 'changed',
  invalid: 'bad_request',
  unavailable: 'unavailable',
} as const

/** Why a database cannot be reached may name its address. */
function wordsOf({ kind, message }: DatabaseError): string {
  if (kind === 'unavailable') return 'The database cannot be reached; try again later.'
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
}
