import { randomBytes } from 'node:crypto'
import type { AuditRow, AuditTable, Page, PageQuery } from '../../core/database.ts'
import { readCursor, toPage } from './cursor.ts'
import type { Sql } from './sql.ts'
import type { AuditColumns } from './tables.ts'

/** Who changed what. There is no way here to change or delete a row, and the database refuses it too. */
export class SqlAudit implements AuditTable {
  readonly #store: Sql
  #count = 0

  constructor(store: Sql) {
    this.#store = store
  }

  append({ actor, action, object, before, after }: Omit<AuditRow, 'id' | 'at'>): Promise<AuditRow> {
    return this.#store.write(async (trx) => {
      const at = Date.now()
      const columns = {
        id: this.#nextId(at),
        at,
        actor,
        action,
        object,
        before: before && JSON.stringify(before),
        after: after && JSON.stringify(after),
      }
      await trx.insertInto('audit').values(columns).execute()
      return toRow(columns)
    })
  }

  list({
    limit,
    after,
    object,
    actor,
  }: PageQuery & { readonly object?: string; readonly actor?: string }): Promise<Page<AuditRow>> {
    return this.#store.read(async (db) => {
      let query = db.selectFrom('audit').selectAll()
      if (object !== undefined) query = query.where('object', '=', object)
      if (actor !== undefined) query = query.where('actor', '=', actor)
      if (after !== undefined) query = query.where('id', '<', String(readCursor(after, 1)[0]))
      const found = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return toPage(found.map(toRow), limit, ({ id }) => [id])
    })
  }

  /** In the order of time, and of one process' own rows. Digits and small letters sort alike everywhere. */
  #nextId(at: number): string {
    this.#count = (this.#count + 1) % 0x1_0000_0000
    const count = this.#count.toString(16).padStart(8, '0')
    return `${at.toString(16).padStart(12, '0')}${count}${randomBytes(6).toString('hex')}`
  }
}

function toRow({ before, after, ...row }: AuditColumns): AuditRow {
  return {
    ...row,
    before: before === null ? null : JSON.parse(before),
    after: after === null ? null : JSON.parse(after),
  }
}
