import type { Scope } from '../core/database.ts'
import type { Principal } from './access.ts'
import { AdminError } from './errors.ts'

/** What somebody may see and change: everything, or what belongs to a team. */
export function scopeOf({ role, team }: Principal): Scope {
  if (role !== 'team_admin') return {}
  // Without one, nothing is theirs: no team has an empty name.
  return { team: team ?? '' }
}

/** The team that somebody may put an object into: any, but for team admins their own. Null is none. */
export function teamFor(principal: Principal, asked: string | null | undefined): string | null {
  const { team } = scopeOf(principal)
  if (team === undefined) return asked ?? null
  if (asked === undefined || asked === team) return team
  throw new AdminError('forbidden', 'A team admin puts objects into the own team only.')
}
