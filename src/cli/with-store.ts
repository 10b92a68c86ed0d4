import { userInfo } from 'node:os'
import { type Database, DatabaseError } from '../core/database.ts'
import { openStore, type StoreOptions } from './open-store.ts'
import { EXIT_USAGE } from './program.ts'

/**
 * Run `work` on what a gateway keeps; it may be running. Its result is the exit code; 2 when it could not be done, with
 * the reason on stderr.
 */
export async function withStore(
  options: StoreOptions,
  work: (database: Database, actor: string, directory: string | undefined) => Promise<number>,
): Promise<number> {
  try {
    const { database, directory } = await openStore(options)
    try {
      return await work(database, actorName(), directory)
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
