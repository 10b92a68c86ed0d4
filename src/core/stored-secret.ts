import type { Secret } from './secret.ts'

/** What `secret:NAME` in a configuration stands for: a value, or why there is none. */
export type StoredSecret =
  | { readonly ok: true; readonly secret: Secret }
  /** `isThere`: there is one of that name, and it cannot be opened. The reason follows the name in a sentence. */
  | { readonly ok: false; readonly isThere: boolean; readonly reason: string }

/** The secrets of the store, opened. */
export interface StoredSecrets {
  find(name: string): StoredSecret
}

/** Names of secrets stand in configurations and URLs as they are. */
export const SECRET_NAME_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$'

/** What stands in front of a secret's name where a credential is asked for. */
export const STORED_PREFIX = 'secret:'
