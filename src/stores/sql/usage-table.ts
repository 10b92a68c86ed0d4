import { sql, type Transaction } from 'kysely'
import type {
  Page,
  PageQuery,
  Scope,
  SpoolProgress,
  TotalsBy,
  UsageLatencies,
  UsageQuery,
  UsageSummary,
  UsageTable,
  UsageTotals,
} from '../../core/database.ts'
import { toNanoUsd } from '../../core/limits.ts'
import type { UsageRecord } from '../../core/usage-record.ts'
import { keepProgress } from './spool-progress.ts'
import { readCursor, toPage } from './cursor.ts'
import type { Sql } from './sql.ts'
import type { Tables, UsageColumns } from './tables.ts'
import { addToSums, SPANS } from './usage-sums.ts'
import { insertUsage } from './usage-insert.ts'
import { clean, cleanName, fromAttempt, toSummary } from './usage-rows.ts'
import { latenciesOf } from './usage-latencies.ts'
import { conditions, totalsOf } from './usage-totals.ts'

/** Rows in one statement: databases bound the number of values. */
const ROWS = 200

/** Requests and what they cost. The sums of hours and days are changed with them, never apart. */
export class SqlUsage implements UsageTable {
  readonly #store: Sql

  constructor(store: Sql) {
    this.#store = store
  }

  append(records: readonly UsageRecord[], progress?: SpoolProgress): Promise<number> {
    return this.#store.write(async (trx) => {
      const count = await insertUsage({ trx, engine: this.#store.engine }, records)
      if (progress) await keepProgress(trx, progress)
      return count
    })
  }

  progress(spool: string): Promise<number> {
    return this.#store.read(async (db) => {
      const row = await db.selectFrom('spools').select('offset').where('spool', '=', spool).executeTakeFirst()
      return row?.offset ?? 0
    })
  }

  get(id: string, { team }: Scope = {}): Promise<UsageRecord | undefined> {
    return this.#store.read(async (db) => {
      let query = db.selectFrom('usage').selectAll().where('id', '=', cleanName(id))
      if (team !== undefined) query = query.where('team', '=', clean(team))
      const row = await query.executeTakeFirst()
      if (!row) return undefined
      const attempts = db.selectFrom('attempts').selectAll().where('usage_id', '=', row.id)
      const found = await attempts.orderBy('position').execute()
      return { ...toSummary(row), attempts: found.map(fromAttempt) }
    })
  }

  list({ limit, after, ...query }: UsageQuery & PageQuery): Promise<Page<UsageSummary>> {
    return this.#store.read(async (db) => {
      let rows = db.selectFrom('usage').selectAll()
      for (const condition of conditions({ ...query, tag: undefined }, this.#store.engine))
        rows = rows.where(condition)
      if (query.tag) {
        const [name, value] = query.tag
        rows = rows
          .innerJoin('usage_tags', 'usage_tags.usage_id', 'usage.id')
          .where('usage_tags.name', '=', cleanName(name))
          .where('usage_tags.value', '=', clean(value))
      }
      // With a tag, its index gives the order, else that of the filter.
      const at = sql.ref<number>(query.tag ? 'usage_tags.at' : 'usage.at')
      const id = sql.ref<string>(query.tag ? 'usage_tags.usage_id' : 'usage.id')
      if (query.since !== undefined) rows = rows.where(at, '>=', query.since)
      if (query.until !== undefined) rows = rows.where(at, '<', query.until)
      if (after !== undefined) {
        const [time, last] = readCursor(after, ['number', 'string'])
        rows = rows.where(sql<boolean>`(${at}, ${id}) < (${time}, ${last})`)
      }
      const found = await rows
        .orderBy(at, 'desc')
        .orderBy(id, 'desc')
        .limit(limit + 1)
        .execute()
      return toPage(found.map(toSummary), limit, (row) => [row.at, row.id])
    })
  }

  totals(query: UsageQuery, by: TotalsBy): Promise<readonly UsageTotals[]> {
    return this.#store.read((db) => totalsOf(db, { engine: this.#store.engine, query, by }))
  }

  latencies(query: UsageQuery, bucketMs: number): Promise<readonly UsageLatencies[]> {
    return this.#store.read((db) => latenciesOf(db, { engine: this.#store.engine, query, bucketMs }))
  }

  reprice(
    costs: ReadonlyMap<string, { costUsd: number | null; priceVersion: string | null }>,
  ): Promise<number> {
    return this.#store.write(async (trx) => {
      const before: UsageColumns[] = []
      const after: UsageColumns[] = []
      for (const id of [...costs.keys()].toSorted()) {
        const cost = costs.get(id)
        const row = await one(trx, id, this.#store.engine)
        if (!row || !cost) continue
        const cost_nano = cost.costUsd === null ? null : toNanoUsd(cost.costUsd)
        if (row.cost_nano === cost_nano && row.price_version === cost.priceVersion) continue
        const change = { cost_nano, price_version: cost.priceVersion }
        await trx.updateTable('usage').set(change).where('id', '=', row.id).execute()
        before.push(row)
        after.push({ ...row, ...change })
      }
      await addToSums({ trx, engine: this.#store.engine }, before, -1)
      await addToSums({ trx, engine: this.#store.engine }, after, 1)
      return after.length
    })
  }

  prune(before: number, atMost: number): Promise<number> {
    return this.#store.write(async (trx) => {
      const oldest = trx.selectFrom('usage').selectAll().where('at', '<', before)
      const query = oldest.orderBy('at').orderBy('id').limit(atMost)
      const rows = await (
        this.#store.engine === 'postgres' ? query.forUpdate().skipLocked() : query
      ).execute()
      for (let start = 0; start < rows.length; start += ROWS) {
        const ids = rows.slice(start, start + ROWS).map(({ id }) => id)
        await trx.deleteFrom('usage').where('id', 'in', ids).execute()
        await trx.deleteFrom('usage_bodies').where('id', 'in', ids).execute()
      }
      await addToSums({ trx, engine: this.#store.engine }, rows, -1)
      for (const { table } of SPANS) {
        const empty = trx.deleteFrom(table).where('requests', '<=', 0)
        await empty.where('start', '<', before).execute()
      }
      return rows.length
    })
  }
}

async function one(
  trx: Transaction<Tables>,
  id: string,
  engine: 'sqlite' | 'postgres',
): Promise<UsageColumns | undefined> {
  const query = trx.selectFrom('usage').selectAll().where('id', '=', cleanName(id))
  return await (engine === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
}
