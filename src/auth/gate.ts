import type { Gatekeeper, Identity } from '../core/identity.ts'
import { plainDigestOf } from './digest.ts'
import { type FileKey, FileKeys } from './file-keys.ts'
import { KEY_PREFIX } from './new-key.ts'
import { unauthorized } from './refusals.ts'

/** What the `auth` section says. */
export type AuthConfig =
  | { readonly mode: 'none' }
  /** Keys of the database are good beside those of the file. */
  | { readonly mode: 'required'; readonly keys: readonly FileKey[] }

/** The keys of the database, as far as a worker knows them. */
export interface KeySource {
  /** `digest` is the key's plain one, by which it is remembered. Fails as `Gatekeeper.admit` does. */
  find(key: string, digest: string): Identity | Promise<Identity>
  /** With what the database says of the user and the team. Gives the same for the same while nothing changes. */
  complete(identity: Identity): Identity
}

/** Asks each caller who they are, or only those who say it, by the `auth` section of one configuration. */
export class Gate implements Gatekeeper {
  readonly isClosed: boolean
  readonly #keys: FileKeys
  readonly #stored: KeySource | undefined

  constructor(config: AuthConfig | undefined, stored?: KeySource) {
    this.isClosed = config?.mode === 'required'
    this.#keys = new FileKeys(config?.mode === 'required' ? config.keys : [])
    this.#stored = stored
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
    if (!isOurs || !this.#stored) throw unauthorized('unknown')
    const found = this.#stored.find(credential, digest)
    return found instanceof Promise ? found.then((identity) => this.#whole(identity)) : this.#whole(found)
  }

  #whole(identity: Identity): Identity {
    return this.#stored?.complete(identity) ?? identity
  }
}
