import type { LimitRule } from './limits.ts'

/** Somebody who proved who they are: with a virtual key, or with a token of an identity provider. */
export interface Identity {
  readonly by: 'key' | 'jwt'
  /** The key's id, or `issuer subject`. Not a secret. */
  readonly id: string
  /** For people: the key's name, or the subject. */
  readonly name: string
  readonly user: string | null
  readonly team: string | null
  readonly tags: Tags
  /** Names of routes that may be called, `*` standing for any run of characters; `['*']` for all. */
  readonly routes: readonly string[]
  /** Limits of the key itself, its user and its team, beside those that the configuration sets. */
  readonly limits: readonly LimitRule[]
}

/** Labels for who pays and for what, such as `project: search`. */
export type Tags = Readonly<Record<string, string>>
