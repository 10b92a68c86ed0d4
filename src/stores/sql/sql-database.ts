import { sql } from 'kysely'
import type { Database, RouteRow, SecretRow, TeamRow, UserRow } from '../../core/database.ts'
import { SqlAudit } from './audit-table.ts'
import { SqlBodies } from './body-table.ts'
import { SqlBuckets } from './bucket-table.ts'
import { SqlChanges } from './change-table.ts'
import { ownerChanged } from './key-changes.ts'
import { SqlKeys } from './key-table.ts'
import { SqlObjects } from './object-table.ts'
import { SqlSettings } from './setting-table.ts'
import type { Sql } from './sql.ts'
import { SqlUsage } from './usage-table.ts'

/** Of users and teams from before they could be switched off. */
const ENABLED = { isEnabled: true }

/** The tables of an engine that is migrated. */
export function sqlDatabase(store: Sql): Database {
  return {
    engine: store.engine,
    keys: new SqlKeys(store),
    users: new SqlObjects<UserRow>(store, {
      kind: 'user',
      toRow: (stored, fields) => ({ ...ENABLED, ...fields, ...stored }),
      owner: ({ team }) => ({ team }),
      changed: (trx, { before, after }) => ownerChanged(trx, store, { user: after?.id ?? before?.id ?? '' }),
    }),
    teams: new SqlObjects<TeamRow>(store, {
      kind: 'team',
      toRow: (stored, fields) => ({ ...ENABLED, ...fields, ...stored }),
      owner: ({ id }) => ({ team: id }),
      changed: (trx, { before, after }) => ownerChanged(trx, store, { team: after?.id ?? before?.id ?? '' }),
    }),
    routes: new SqlObjects<RouteRow>(store, {
      kind: 'route',
      toRow: (stored, fields) => ({ ...fields, ...stored }),
    }),
    secrets: new SqlObjects<SecretRow>(store, {
      kind: 'secret',
      toRow: (stored, fields) => ({ ...fields, ...stored }),
      secret: ['sealed'],
    }),
    usage: new SqlUsage(store),
    bodies: new SqlBodies(store),
    audit: new SqlAudit(store),
    settings: new SqlSettings(store),
    changes: new SqlChanges(store),
    buckets: new SqlBuckets(store),
    get state() {
      return store.state
    },
    whenStateChanges: (listener) => store.whenStateChanges(listener),
    ping: () => store.read(async (db) => void (await sql`select 1`.execute(db))),
    close: () => store.close(),
  }
}
