import type { Call } from '../../core/call.ts'

/** What a request must have: every one of these. */
export interface Condition {
  /** Values by header; the name in lower case. One of the values is enough. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** Whether it asks for a stream; undefined: either. */
  readonly stream?: boolean
}

export function holds({ headers, stream }: Condition, { caller, request }: Call): boolean {
  if (stream !== undefined && stream !== ('stream' in request && request.stream)) return false
  for (const [name, values] of headers) {
    const value = caller.header(name)
    if (value === undefined || !values.includes(value)) return false
  }
  return true
}
