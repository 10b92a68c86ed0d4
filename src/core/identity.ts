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

/** Finds out who calls. */
export interface Gatekeeper {
  /** Whether callers must say who they are. */
  readonly isClosed: boolean
  /**
   * Who sent this credential; undefined where nobody has to say. Throws, or rejects with, a `GatewayError`: 401 for
   * one that is not good, 503 when it cannot be checked now.
   */
  admit(credential: string | undefined): Identity | undefined | Promise<Identity | undefined>
}

/** Why a credential was refused: for the log, never for the caller, who is told the same in every case. */
export class CredentialRefusal extends Error {
  override readonly name = 'CredentialRefusal'
  readonly reason: 'missing' | 'unknown' | 'expired' | 'disabled' | 'invalid'
  /** Of a key or token that is known. */
  readonly id: string | undefined

  constructor(reason: CredentialRefusal['reason'], id?: string) {
    super(reason)
    this.reason = reason
    this.id = id
  }
}
