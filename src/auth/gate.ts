import type { Gatekeeper, Identity } from '../core/identity.ts'
import { plainDigestOf } from './digest.ts'
import { type FileKey, FileKeys } from './file-keys.ts'
import type { Issuer } from './jwt/issuer.ts'
import { KeySets } from './jwt/key-set.ts'
import { looksLikeToken, Tokens } from './jwt/tokens.ts'
import { KEY_PREFIX } from './new-key.ts'
import { unauthorized } from './refusals.ts'

/** What the `auth` section says. */
export type AuthConfig =
  | { readonly mode: 'none' }
  /** Keys of the database are good beside those of the file. */
  | {
      readonly mode: 'required'
      readonly keys: readonly FileKey[]
      /** Identity providers whose tokens are taken too. */
      readonly issuers?: readonly Issuer[]
    }

/** The keys of the database, as far as a worker knows them. */
export interface KeySource {
  /** `digest` is the key's plain one, by which it is remembered. Fails as `Gatekeeper.admit` does. */
  find(key: string, digest: string): Identity | Promise<Identity>
  /**
   * With what the database says of the user and the team. Gives the same for the same while nothing changes. Fails as
   * `Gatekeeper.admit` does.
   */
  complete(identity: Identity): Identity
}

/** Asks each caller who they are, or only those who say it, by the `auth` section of one configuration. */
export class Gate implements Gatekeeper {
  readonly isClosed: boolean
  readonly #keys: FileKeys
  readonly #stored: KeySource | undefined
  readonly #tokens: Tokens | undefined

  constructor(config: AuthConfig | undefined, stored?: KeySource, keySets: KeySets = new KeySets()) {
    const { keys, issuers = [] } = config?.mode === 'required' ? config : NOBODY
    this.isClosed = config?.mode === 'required'
    this.#keys = new FileKeys(keys)
    this.#stored = stored
    this.#tokens = issuers.length > 0 ? new Tokens(issuers, keySets) : undefined
  }

  admit(credential: string | undefined): Identity | undefined | Promise<Identity | undefined> {
    if (credential === undefined) {
      if (this.isClosed) throw unauthorized('missing')
      return undefined
    }
    const isOurs = credential.startsWith(KEY_PREFIX)
    // Where nobody has to say who they are, clients send any text.
    if (!this.isClosed && !(isOurs && this.#stored)) return undefined
    const digest = plainDigestOf(credential)
    const known = this.#keys.find(digest)
    if (known) return this.#whole(known)
    const found = this.#lookUp(credential, { digest, isOurs })
    return found instanceof Promise ? found.then((identity) => this.#whole(identity)) : this.#whole(found)
  }

  #lookUp(
    credential: string,
    { digest, isOurs }: { digest: string; isOurs: boolean },
  ): Identity | Promise<Identity> {
    if (isOurs && this.#stored) return this.#stored.find(credential, digest)
    if (this.#tokens && looksLikeToken(credential)) return this.#tokens.find(credential, digest)
    throw unauthorized('unknown')
  }

  #whole(identity: Identity): Identity {
    return this.#stored?.complete(identity) ?? identity
  }
}

const NOBODY: { keys: readonly FileKey[]; issuers?: readonly Issuer[] } = { keys: [] }
