import { textsAt } from '../auth/jwt/claims.ts'
import type { Verified } from '../auth/jwt/tokens.ts'
import type { Principal } from './access.ts'

/** The most first: of somebody who has several roles, that one counts. */
const ROLES = ['admin', 'team_admin', 'viewer'] as const

/** What somebody with a good token may do here; undefined: nothing. */
export function principalOf({ claims, issuer }: Verified): Principal | undefined {
  const { claims: paths, roles } = issuer
  const given = new Set(textsAt(claims, paths.role))
  const role = ROLES.find((one) => roles[one].some((value) => given.has(value)))
  if (role === undefined) return undefined
  const [name = String(claims['sub'])] = textsAt(claims, paths.user)
  const [team] = textsAt(claims, paths.team)
  return { name, role, ...(role === 'team_admin' && team !== undefined && { team }) }
}
