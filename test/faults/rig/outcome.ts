import type { IncomingHttpHeaders } from 'node:http'
import type { Verdict } from './judge.ts'
import type { WireDialect } from './wire-bodies.ts'

/** One request of an application. */
export interface Shot {
  readonly marker: string
  readonly dialect: WireDialect
  readonly route: string
  readonly stream: boolean
  /** Milliseconds after the beginning of the load. */
  readonly dueMs: number
  /** The client goes away so long after it asked. */
  readonly leaveAfterMs?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The prompt is made at least as long. */
  readonly promptBytes?: number
}

/** What became of it. Times in milliseconds since it was sent. */
export interface Outcome {
  readonly shot: Shot
  /** `whole`: its end came. `broken`: the connection ended before. `late`: neither, until the deadline. `left`: on purpose. */
  readonly end: 'whole' | 'broken' | 'late' | 'left'
  /** 0 when there was no head. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly verdict: Verdict
  readonly firstByteMs: number
  readonly totalMs: number
}

/** The gateway's own name for a request, by which it is found in the log. */
export function requestIdOf({ headers }: Outcome): string | undefined {
  const id = headers['x-gateway-request-id'] ?? headers['x-request-id']
  return typeof id === 'string' ? id : undefined
}
