import type { BodyTable, Scope, SpoolProgress, StoredBody } from '../../core/database.ts'
import { keepProgress } from './spool-progress.ts'
import type { Sql } from './sql.ts'
import type { BodyColumns } from './tables.ts'
import { clean, cleanBody, cleanName } from './usage-rows.ts'

/** Bodies may be large: few go in one statement. */
const ROWS = 20

/** What was said in requests. */
export class SqlBodies implements BodyTable {
  readonly #store: Sql

  constructor(store: Sql) {
    this.#store = store
  }

  append(bodies: readonly StoredBody[], progress?: SpoolProgress): Promise<number> {
    return this.#store.write(async (trx) => {
      let count = 0
      // In one order, so that two who keep the same ones never wait for each other in a circle.
      const rows = bodies.map(toColumns).toSorted((a, b) => (a.id < b.id ? -1 : 1))
      for (let start = 0; start < rows.length; start += ROWS) {
        const insert = trx.insertInto('usage_bodies').values(rows.slice(start, start + ROWS))
        const made = await insert
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .execute()
        count += made.length
      }
      if (progress) await keepProgress(trx, progress)
      return count
    })
  }

  get(id: string, { team }: Scope = {}): Promise<StoredBody | undefined> {
    return this.#store.read(async (db) => {
      const name = cleanName(id)
      let query = db.selectFrom('usage_bodies').selectAll().where('id', '=', name)
      if (team !== undefined) {
        const record = db.selectFrom('usage').select('id').where('id', '=', name)
        query = query.where('id', 'in', record.where('team', '=', clean(team)))
      }
      const row = await query.executeTakeFirst()
      return row && toBody(row)
    })
  }

  prune(now: number, atMost: number): Promise<number> {
    return this.#store.write(async (trx) => {
      const due = trx.selectFrom('usage_bodies').select('id').where('expires_at', '<=', now)
      const query = due.orderBy('expires_at').orderBy('id').limit(atMost)
      const rows = await (
        this.#store.engine === 'postgres' ? query.forUpdate().skipLocked() : query
      ).execute()
      if (rows.length === 0) return 0
      const ids = rows.map(({ id }) => id)
      await trx.deleteFrom('usage_bodies').where('id', 'in', ids).execute()
      return rows.length
    })
  }
}

function toColumns(body: StoredBody): BodyColumns {
  return {
    id: cleanName(body.id),
    at: body.at,
    expires_at: body.expiresAt,
    request: body.request === null ? null : cleanBody(body.request),
    response: body.response === null ? null : cleanBody(body.response),
    request_cut: Number(body.isRequestCut),
    response_cut: Number(body.isResponseCut),
  }
}

function toBody(row: BodyColumns): StoredBody {
  return {
    id: row.id,
    at: row.at,
    expiresAt: row.expires_at,
    request: row.request,
    response: row.response,
    isRequestCut: row.request_cut === 1,
    isResponseCut: row.response_cut === 1,
  }
}
