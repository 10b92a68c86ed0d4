import { userInfo } from 'node:os'
import { DatabaseError } from '../../core/database.ts'
import { takeKeyring, Vault } from '../../stores/index.ts'
import { openStore, type StoreOptions } from '../open-store.ts'
import { EXIT_USAGE } from '../program.ts'

/** Run `work` on a gateway's secrets. Its result is the exit code; 2 when it could not be done, with the reason on stderr. */
export async function withVault(
  options: StoreOptions,
  work: (vault: Vault, actor: string) => Promise<number>,
): Promise<number> {
  const keyring = takeKeyring(process.env)
  try {
    const database = await openStore(options)
    try {
      return await work(new Vault(database.secrets, keyring), actorName())
    } finally {
      await database.close()
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(error instanceof DatabaseError ? `error: ${message}\n` : `${message}\n`)
    return EXIT_USAGE
  }
}

/** In the audit log. */
function actorName(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // In a container, a user may have no name.
    return `cli:${process.getuid?.() ?? 'unknown'}`
  }
}
