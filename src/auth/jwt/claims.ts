import { isObject } from '../../core/json.ts'
import type { Identity } from '../../core/identity.ts'
import type { Issuer } from './issuer.ts'

export type Claims = Readonly<Record<string, unknown>>

/** What stands at a path of claims: a claim of just that name, or a member of objects in objects. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const name of path.split('.')) {
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  }
  return value
}

/** The texts of a claim: one, or those of a list. */
export function textsAt(claims: Claims, path: string): string[] {
  const value = claimAt(claims, path)
  const all: unknown[] = Array.isArray(value) ? value : [value]
  return all.filter((one) => typeof one === 'string' && one !== '').map(String)
}

/** Whether a token has all that its issuer's tokens must have here. */
export function isMeant(claims: Claims, { require }: Issuer): boolean {
  return Object.entries(require).every(([path, values]) =>
    textsAt(claims, path).some((text) => values.includes(text)),
  )
}

/** Whoever a good token is of. */
export function identityOf(claims: Claims, { issuer, claims: paths, routes }: Issuer): Identity {
  const [user = null] = textsAt(claims, paths.user)
  const [team = null] = textsAt(claims, paths.team)
  const tags = Object.entries(paths.tags).flatMap(([tag, path]) => {
    const [value] = textsAt(claims, path)
    return value === undefined ? [] : [[tag, value] as const]
  })
  const subject = String(claims['sub'])
  return {
    by: 'jwt',
    id: `${issuer} ${subject}`,
    name: user ?? subject,
    user,
    team,
    tags: Object.fromEntries(tags),
    routes: paths.routes === undefined ? routes : routesAt(claims, paths.routes),
    limits: [],
  }
}

/** A list, or names with spaces between them, as scopes are written. A token without any may call nothing. */
function routesAt(claims: Claims, path: string): string[] {
  return textsAt(claims, path).flatMap((text) => text.split(/\s+/).filter(Boolean))
}
