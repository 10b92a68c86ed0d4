import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, DatabaseError } from '../core/database.ts'
import type { Secret } from '../core/secret.ts'
import { openPostgres } from './postgres/open-postgres.ts'
import { migrate } from './sql/migrate.ts'
import { Sql } from './sql/sql.ts'
import { sqlDatabase } from './sql/sql-database.ts'
import { openSqlite } from './sqlite/open-sqlite.ts'

/** A file of SQLite (`:memory:` keeps nothing), or where Postgres is. */
export type DatabasePlace = { readonly sqlite: string } | { readonly postgres: Secret }

export interface OpenOptions {
  /** Open a Postgres that cannot be reached, too: until it can, everything asked of it is `unavailable`. */
  readonly mayBeAway?: boolean
}

/** A database with today's schema. Rejects with a `DatabaseError` that says why it cannot be used. */
export async function openDatabase(
  place: DatabasePlace,
  { mayBeAway = false }: OpenOptions = {},
): Promise<Database> {
  const engine = 'sqlite' in place ? await openSqlite(place.sqlite) : await openPostgres(place.postgres)
  const store = new Sql(engine)
  try {
    await migrate(store)
  } catch (error) {
    if (!mayBeAway || engine.name !== 'postgres' || !isAway(error)) {
      await store.close()
      throw error
    }
    store.hold()
    void migrateLater(store)
  }
  return sqlDatabase(store)
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** Until it is done. One that a newer version has changed meanwhile is asked again, too: it may be put back. */
async function migrateLater(store: Sql): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    await sleep(pauseMs, undefined, { ref: false })
    if (store.isClosed) return
    const isDone = await migrate(store).then(
      () => true,
      () => false,
    )
    if (isDone) return
  }
}

function isAway(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === 'unavailable'
}
