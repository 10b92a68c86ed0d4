/** An identity provider whose tokens are taken. JSON as it stands. */
export interface Issuer {
  /** As its tokens name it in `iss`. */
  readonly issuer: string
  /** One of them must be in `aud`. */
  readonly audience: readonly string[]
  /** Where its keys are; null: its OpenID configuration says it. */
  readonly jwksUrl: string | null
  readonly algorithms: readonly string[]
  /** Claims that a token must have, each with one of these values; by path. */
  readonly require: Readonly<Record<string, readonly string[]>>
  readonly claims: ClaimPaths
  /** What a token may call that does not say it. */
  readonly routes: readonly string[]
  readonly roles: RoleValues
}

/** Where in a token things are: names of claims, with dots between those of an object in an object. */
export interface ClaimPaths {
  readonly user: string
  readonly team: string
  readonly role: string
  /** Absent: tokens do not say it. */
  readonly routes?: string
  /** By tag. */
  readonly tags: Readonly<Record<string, string>>
}

/** What a token's role claim holds, by the role that it gives at the admin API. */
export interface RoleValues {
  readonly admin: readonly string[]
  readonly team_admin: readonly string[]
  readonly viewer: readonly string[]
}

/** All that are signed with a private key: with a shared secret, whoever can check a token could make one. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
