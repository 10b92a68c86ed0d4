import type { Transaction } from 'kysely'
import type { SpoolProgress } from '../../core/database.ts'
import type { Tables } from './tables.ts'

/** In the transaction that keeps what was read. */
export async function keepProgress(
  trx: Transaction<Tables>,
  { spool, offset }: SpoolProgress,
): Promise<void> {
  const insert = trx.insertInto('spools').values({ spool, offset })
  await insert.onConflict((conflict) => conflict.column('spool').doUpdateSet({ offset })).execute()
}
