import type { RouteInfo } from '../core/route.ts'
import { answering, type Trail } from '../core/trail.ts'
import { type HeaderList, headerText } from './header-list.ts'
import { writeStandings } from './write-standings.ts'

export interface Told {
  id: string
  /** Undefined for a request that named none. */
  route: RouteInfo | undefined
  trail: Trail
}

/** What every answer tells of its way, in headers that applications and people may read. */
export function writeTrail(headers: HeaderList, { id, route, trail }: Told): void {
  const { attempts, fallbacks, cache } = trail
  headers.push('x-gateway-request-id', id)
  if (route) headers.push('x-gateway-route', route.name)
  const answered = answering(trail)
  if (answered) headers.push('x-gateway-target', headerText(answered.target))
  if (trail.standings.length > 0) writeStandings(headers, trail)
  headers.push('x-gateway-attempts', String(attempts.length))
  if (fallbacks > 0) headers.push('x-gateway-fallbacks', String(fallbacks))
  if (cache !== undefined) headers.push('x-gateway-cache', cache)
  headers.push('x-gateway-overhead-ms', trail.overheadMs(performance.now()).toFixed(1))
}
