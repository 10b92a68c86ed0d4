import { type Kysely, sql, type Transaction } from 'kysely'
import type { BucketTable, HeldBuckets } from '../../core/database.ts'
import type { Sql } from './sql.ts'
import type { Tables } from './tables.ts'

/** Without a sign of life for so long, a holder is dead. */
const LEASE_MS = 30_000

/** Sums of limits. Whoever changes some of them waits for who does. */
export class SqlBuckets implements BucketTable {
  readonly #store: Sql

  constructor(store: Sql) {
    this.#store = store
  }

  change<Result>(
    holder: string,
    names: readonly string[],
    work: (held: HeldBuckets) => Result,
  ): Promise<Result> {
    // All in one order: two who wait for each other would be stuck.
    const wanted = [...new Set(names)].toSorted()
    return this.#store.write(async (trx) => {
      const states = await this.#lock(trx, wanted)
      const now = await this.#now(trx)
      const holders = await trx
        .selectFrom('limit_holders')
        .select('id')
        .where('alive_until', '>', now)
        .execute()
      const alive = new Set(holders.map(({ id }) => id))
      if (!alive.has(holder)) await keepAlive(trx, holder, now)
      alive.add(holder)
      const changed = new Map<string, { name: string; state: string; expires_at: number }>()
      const result = work({
        now,
        get: (name) => states.get(name) || undefined,
        set: (name, state, expiresAt) => changed.set(name, { name, state, expires_at: Math.ceil(expiresAt) }),
        isAlive: (holder) => alive.has(holder),
      })
      if (changed.size > 0) await put(trx, [...changed.values()])
      return result
    })
  }

  stayAlive(holder: string): Promise<number> {
    return this.#store.write(async (trx) => {
      const now = await this.#now(trx)
      await keepAlive(trx, holder, now)
      await trx.deleteFrom('limit_holders').where('alive_until', '<', now).execute()
      await trx.deleteFrom('limit_buckets').where('expires_at', '<', now).execute()
      const holders = await trx.selectFrom('limit_holders').select('id').execute()
      return holders.length
    })
  }

  async leave(holder: string): Promise<void> {
    await this.#store.write((trx) => trx.deleteFrom('limit_holders').where('id', '=', holder).execute())
  }

  /** By name; empty where there was none. */
  async #lock(trx: Transaction<Tables>, names: readonly string[]): Promise<Map<string, string>> {
    const isPostgres = this.#store.engine === 'postgres'
    const select = trx.selectFrom('limit_buckets').select(['name', 'state']).where('name', 'in', names)
    const read = select.orderBy('name')
    const locked = await (isPostgres ? read.forUpdate() : read).execute()
    const there = new Set(locked.map(({ name }) => name))
    const missing = names.filter((name) => !there.has(name))
    if (missing.length === 0) return new Map(locked.map(({ name, state }) => [name, state]))
    const rows = missing.map((name) => ({ name, state: '', expires_at: Number.MAX_SAFE_INTEGER }))
    const insert = trx.insertInto('limit_buckets').values(rows)
    await insert.onConflict((conflict) => conflict.doNothing()).execute()
    // Somebody else may have made them, and used them, a moment ago.
    const all = await (isPostgres ? read.forUpdate() : read).execute()
    return new Map(all.map(({ name, state }) => [name, state]))
  }

  /** The database's clock, which all gateways have in common. */
  async #now(trx: Kysely<Tables>): Promise<number> {
    if (this.#store.engine === 'sqlite') return Date.now()
    const { rows } = await sql<{
      now: number
    }>`select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(trx)
    return rows[0]?.now ?? Date.now()
  }
}

async function keepAlive(trx: Transaction<Tables>, id: string, now: number): Promise<void> {
  const row = { id, alive_until: now + LEASE_MS }
  const insert = trx.insertInto('limit_holders').values(row)
  await insert
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ alive_until: row.alive_until }))
    .execute()
}

async function put(
  trx: Transaction<Tables>,
  rows: readonly { name: string; state: string; expires_at: number }[],
): Promise<void> {
  await trx
    .insertInto('limit_buckets')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({
        state: eb.ref('excluded.state'),
        expires_at: eb.ref('excluded.expires_at'),
      })),
    )
    .execute()
}
