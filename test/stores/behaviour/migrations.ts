import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type DatabasePlace, openDatabase } from '../../../src/stores/index.ts'
import { openPostgres } from '../../../src/stores/postgres/open-postgres.ts'
import { migrate } from '../../../src/stores/sql/migrate.ts'
import { MIGRATIONS, type Migration } from '../../../src/stores/sql/migrations/index.ts'
import { Sql } from '../../../src/stores/sql/sql.ts'
import { openSqlite } from '../../../src/stores/sqlite/open-sqlite.ts'

const STORES = fileURLToPath(new URL('../../../dist/stores/index.js', import.meta.url))
const SECRET = fileURLToPath(new URL('../../../dist/core/secret.js', import.meta.url))

/** What a start does to a database; `create` gives the place of a new one. */
export function migrationsBehave(create: (name: string) => Promise<DatabasePlace>): void {
  test('of processes that start at the same time, one migrates', async () => {
    const place = await create('together')
    const text = JSON.stringify('sqlite' in place ? place.sqlite : place.postgres.reveal())
    const opened = 'sqlite' in place ? `{ sqlite: ${text} }` : `{ postgres: new Secret(${text}) }`
    const script = `import { openDatabase } from ${JSON.stringify(STORES)}
      import { Secret } from ${JSON.stringify(SECRET)}
      const database = await openDatabase(${opened})
      await database.settings.setOnce('who', String(process.pid))
      await database.close()`
    // From a file: what is evaluated would hand its own way of reading on to its threads.
    const file = join(mkdtempSync(join(tmpdir(), 'migrate-')), 'open.mjs')
    writeFileSync(file, script)
    onTestFinished(() => rmSync(dirname(file), { recursive: true }))
    const run = () => promisify(execFile)(process.execPath, [file])
    await Promise.all([run(), run(), run()])
    const store = await open(place)
    expect(await done(store)).toEqual(MIGRATIONS.map(({ name }) => name))
    await store.close()
  })

  test('a newer schema is refused, and stays as it is', async () => {
    const place = await create('newer')
    const store = await open(place)
    await migrate(store, [...MIGRATIONS, { name: '9999-next', up: addTable('next') }])
    await expect(openDatabase(place)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/does not know \(9999-next\): a newer version has used it/),
    })
    expect(await done(store)).toContain('9999-next')
    await store.close()
  })

  test('a migration that fails leaves nothing, and the next start does it again', async () => {
    const place = await create('failing')
    const store = await open(place)
    const broken: Migration = {
      name: '9998-broken',
      up: async (db, engine) => {
        await addTable('begun')(db, engine)
        await sql`select gone from nowhere`.execute(db)
      },
    }
    await expect(migrate(store, [...MIGRATIONS, broken])).rejects.toThrow('nowhere')
    await expect(store.read((db) => sql`select 1 from migrations`.execute(db))).rejects.toThrow('migrations')
    await migrate(store, [...MIGRATIONS, { name: '9998-broken', up: addTable('begun') }])
    expect(await done(store)).toEqual([...MIGRATIONS.map(({ name }) => name), '9998-broken'])
    await store.close()
  })

  test('a half-migrated schema is refused', async () => {
    const place = await create('half')
    const store = await open(place)
    await migrate(store)
    await store.write((trx) => sql`drop table usage_tags`.execute(trx))
    await expect(openDatabase(place)).rejects.toThrow(
      'half migrated, or only a part of it was restored (missing: usage_tags)',
    )
    const gap: Migration = { name: '0000-earlier', up: addTable('earlier') }
    await expect(migrate(store, [gap, ...MIGRATIONS])).rejects.toThrow(
      'half migrated: 0000-earlier is missing',
    )
    await store.close()
  })

  test('a database of somebody else is refused, and stays as it is', async () => {
    const place = await create('foreign')
    const store = await open(place)
    await store.write((trx) => sql`create table usage (mine text)`.execute(trx))
    await expect(openDatabase(place)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining("tables that are not the gateway's"),
    })
    await store.read((db) => sql`select mine from usage`.execute(db))
    await store.close()
  })
}

async function open(place: DatabasePlace): Promise<Sql> {
  return new Sql('sqlite' in place ? await openSqlite(place.sqlite) : await openPostgres(place.postgres))
}

async function done(store: Sql): Promise<string[]> {
  const rows = await store.read((db) => db.selectFrom('migrations').select('name').orderBy('name').execute())
  return rows.map(({ name }) => name)
}

function addTable(name: string): Migration['up'] {
  return async (db) => void (await sql`create table ${sql.table(name)} (a text)`.execute(db))
}
