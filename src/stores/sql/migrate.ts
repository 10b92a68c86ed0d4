import { type Kysely, sql } from 'kysely'
import { DatabaseError } from '../../core/database.ts'
import { type Migration, MIGRATIONS } from './migrations/index.ts'
import type { Sql } from './sql.ts'
import { TABLES, type Tables } from './tables.ts'

/** Any number, the same for all gateways: only one at a time migrates a database. */
export const MIGRATION_LOCK = 5_108_302_014

/**
 * Bring the schema up to date: all missing migrations in one transaction, so that none is ever half done. Rejects with
 * `invalid` when the database is not one that this version can use.
 */
export async function migrate(store: Sql, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await store.prepare(async (trx) => {
    if (store.engine === 'postgres') await mustBeUnicode(trx)
    if (store.engine === 'postgres') await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(trx)
    const table = 'create table if not exists migrations (name text not null primary key, at bigint not null)'
    await sql.raw(table).execute(trx)
    const done = await trx.selectFrom('migrations').select('name').orderBy('name').execute()
    const missing = missingOf(
      migrations,
      done.map(({ name }) => name),
    )
    for (const { name, up } of missing) {
      await up(untyped(trx), store.engine)
      await trx.insertInto('migrations').values({ name, at: Date.now() }).execute()
    }
    await mustBeComplete(trx, store.engine)
  })
}

function missingOf(migrations: readonly Migration[], done: readonly string[]): readonly Migration[] {
  const known = migrations.map(({ name }) => name)
  const foreign = done.filter((name) => !known.includes(name))
  if (foreign.length > 0) {
    throw new DatabaseError(
      'invalid',
      `the database has changes that this version does not know (${foreign.join(', ')}): a newer version has used it; start that one, or restore a backup`,
    )
  }
  const gap = known.slice(0, done.length).find((name) => !done.includes(name))
  if (gap !== undefined) {
    throw new DatabaseError(
      'invalid',
      `the database is half migrated: ${gap} is missing although later changes are there; restore a backup`,
    )
  }
  return migrations.slice(done.length)
}

/** What a migration has made may have been taken away, or not have been restored. */
async function mustBeComplete(trx: Kysely<Tables>, engine: 'sqlite' | 'postgres'): Promise<void> {
  const query =
    engine === 'postgres'
      ? sql<Named>`select tablename as name from pg_tables where schemaname = any(current_schemas(false))`
      : sql<Named>`select name from sqlite_master where type = 'table'`
  const { rows } = await query.execute(trx)
  const there = new Set(rows.map(({ name }) => name))
  const missing = TABLES.filter((name) => !there.has(name))
  if (missing.length === 0) return
  throw new DatabaseError(
    'invalid',
    `the database is half migrated, or only a part of it was restored (missing: ${missing.join(', ')}); restore a backup`,
  )
}

interface Named {
  readonly name: string
}

/** In another encoding there are characters that it cannot keep. */
async function mustBeUnicode(trx: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<Named>`select current_setting('server_encoding') as name`.execute(trx)
  const [encoding] = rows
  if (encoding?.name === 'UTF8') return
  throw new DatabaseError(
    'invalid',
    `the database's encoding is ${encoding?.name}; create one with: create database gateway encoding 'UTF8' template template0`,
  )
}

/** Migrations know no tables: those of today are not those that they find. */
function untyped(trx: Kysely<Tables>): Kysely<never> {
  return trx.withTables<never>()
}
