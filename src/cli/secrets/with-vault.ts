import { keepEncryptionKey } from '../../cluster/encryption-key.ts'
import { takeKeyring, Vault } from '../../stores/index.ts'
import type { StoreOptions } from '../open-store.ts'
import { withStore } from '../with-store.ts'

/** Run `work` on a gateway's secrets. Its result is the exit code; 2 when it could not be done, with the reason on stderr. */
export function withVault(
  options: StoreOptions,
  work: (vault: Vault, actor: string) => Promise<number>,
): Promise<number> {
  return withStore(options, (database, actor, directory) => {
    keepEncryptionKey(process.env, directory)
    return work(new Vault(database.secrets, takeKeyring(process.env)), actor)
  })
}
