import type { Transaction } from 'kysely'
import { randomBytes } from 'node:crypto'
import type { AuditQuery, AuditRow, AuditTable, Page } from '../../core/database.ts'
import { readCursor, toPage } from './cursor.ts'
import type { Sql } from './sql.ts'
import type { AuditColumns, Tables } from './tables.ts'
import { mustBeKept } from './texts.ts'

/** Who changed what. There is no way here to change or delete a row, and the database refuses it too. */
export class SqlAudit implements AuditTable {
  readonly #store: Sql

  constructor(store: Sql) {
    this.#store = store
  }

  append(row: Omit<AuditRow, 'id' | 'at' | 'teams'>): Promise<AuditRow> {
    return this.#store.write((trx) => writeAudit(trx, row))
  }

  list({ limit, after, object, actor, action, team }: AuditQuery): Promise<Page<AuditRow>> {
    return this.#store.read(async (db) => {
      mustBeKept({ object, actor, action, team }, 'audit')
      let query = db.selectFrom('audit').selectAll()
      if (object !== undefined) query = query.where('object', '=', object)
      if (actor !== undefined) query = query.where('actor', '=', actor)
      if (action !== undefined) query = query.where('action', '=', action)
      if (team !== undefined)
        query = query.where((eb) => eb.or([eb('team', '=', team), eb('team_before', '=', team)]))
      if (after !== undefined) query = query.where('id', '<', readCursor(after, ['string'])[0])
      const found = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return toPage(found.map(toRow), limit, ({ id }) => [id])
    })
  }
}

/** What a row of the audit log is made from; the team is the object's after the change, and the one before it. */
export interface AuditEntry extends Omit<AuditRow, 'id' | 'at' | 'teams'> {
  readonly team?: string | null
  readonly teamBefore?: string | null
}

/** In the transaction that it tells of. */
export async function writeAudit(trx: Transaction<Tables>, entry: AuditEntry): Promise<AuditRow> {
  mustBeKept(entry, 'audit')
  const { actor, action, object, before, after, team = null, teamBefore = null } = entry
  const at = Date.now()
  const columns = {
    id: nextId(at),
    at,
    actor,
    action,
    object,
    team,
    team_before: teamBefore,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after),
  }
  await trx.insertInto('audit').values(columns).execute()
  return toRow(columns)
}

let count = 0

/** In the order of time, and of one process' own rows. Digits and small letters sort alike everywhere. */
function nextId(at: number): string {
  count = (count + 1) % 0x1_0000_0000
  return `${at.toString(16).padStart(12, '0')}${count.toString(16).padStart(8, '0')}${randomBytes(6).toString('hex')}`
}

function toRow({ before, after, team, team_before, ...row }: AuditColumns): AuditRow {
  return {
    ...row,
    teams: [...new Set([team_before, team])].filter((name) => name !== null),
    before: before === null ? null : JSON.parse(before),
    after: after === null ? null : JSON.parse(after),
  }
}
