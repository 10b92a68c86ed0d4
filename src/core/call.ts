import type { Asked } from './asked.ts'
import type { CancelSignal } from './cancel.ts'
import type { Caller } from './caller.ts'
import type { ClientRequest } from './dialect.ts'
import type { Resume } from './resume.ts'
import type { RouteInfo } from './route.ts'
import type { Trail } from './trail.ts'

/** One client request on its way down. Immutable: a policy that changes something passes on a copy. */
export interface Call {
  /** Ours, unique; in the log and in `x-request-id`. */
  readonly id: string
  readonly route: RouteInfo
  readonly request: ClientRequest
  /** Absent where the body is not held: forms and raw requests. */
  readonly asked?: Asked
  readonly caller: Caller
  /** Aborted when the client leaves or time is up; `reason` is a `GatewayError`. */
  readonly signal: CancelSignal
  /** Continues a stream that breaks off; absent where that is not wanted. */
  readonly resume?: Resume
  /** What has happened so far; shared by all copies of the call. */
  readonly trail: Trail
}
