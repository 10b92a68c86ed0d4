import type { Transaction } from 'kysely'
import { type ChangeTable, OBJECT_KINDS, type ObjectKind } from '../../core/database.ts'
import type { Sql } from './sql.ts'
import type { Tables } from './tables.ts'

/** One number for each kind of objects. Whoever changes one waits for who did before, so that no number is seen early. */
export class SqlChanges implements ChangeTable {
  readonly #store: Sql

  constructor(store: Sql) {
    this.#store = store
  }

  current(kinds: readonly ObjectKind[] = OBJECT_KINDS): Promise<number> {
    return this.#store.read(async (db) => {
      const rows = await db.selectFrom('changes').select('count').where('kind', 'in', kinds).execute()
      return rows.reduce((sum, { count }) => sum + count, 0)
    })
  }
}

/** An object of this kind is changed by this transaction. */
export async function countChange(trx: Transaction<Tables>, kind: ObjectKind): Promise<void> {
  await trx
    .insertInto('changes')
    .values({ kind, count: 1 })
    .onConflict((conflict) =>
      conflict.column('kind').doUpdateSet((eb) => ({ count: eb('changes.count', '+', 1) })),
    )
    .execute()
}
