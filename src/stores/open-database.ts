import type { Database } from '../core/database.ts'
import type { Secret } from '../core/secret.ts'
import { openPostgres } from './postgres/open-postgres.ts'
import { migrate } from './sql/migrate.ts'
import { Sql } from './sql/sql.ts'
import { sqlDatabase } from './sql/sql-database.ts'
import { openSqlite } from './sqlite/open-sqlite.ts'

/** A file of SQLite (`:memory:` keeps nothing), or where Postgres is. */
export type DatabasePlace = { readonly sqlite: string } | { readonly postgres: Secret }

/** A database with today's schema. Rejects with a `DatabaseError` that says why it cannot be used. */
export async function openDatabase(place: DatabasePlace): Promise<Database> {
  const engine = 'sqlite' in place ? await openSqlite(place.sqlite) : await openPostgres(place.postgres)
  const store = new Sql(engine)
  try {
    await migrate(store)
    return sqlDatabase(store)
  } catch (error) {
    await store.close()
    throw error
  }
}
