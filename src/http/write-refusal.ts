import type { ServerResponse } from 'node:http'
import type { Dialect } from '../core/dialect.ts'
import type { GatewayError } from '../core/error.ts'
import type { HeaderList } from './header-list.ts'
import { writeJson } from './write-json.ts'

/** A failure of a request that has no record, such as a lookup, in its dialect. */
export function writeRefusal(
  response: ServerResponse,
  error: GatewayError,
  dialect: Pick<Dialect, 'writeError'>,
): void {
  const { status, body } = dialect.writeError(error)
  const headers: HeaderList = []
  if (error.kind === 'unauthorized') headers.push('www-authenticate', 'Bearer')
  if (error.retryAfter !== undefined) headers.push('retry-after', error.retryAfter)
  writeJson(response, { status, headers, body: JSON.stringify(body) })
}
