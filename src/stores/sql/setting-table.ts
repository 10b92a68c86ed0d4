import type { SettingTable } from '../../core/database.ts'
import type { Sql } from './sql.ts'
import { mustBeKept } from './texts.ts'

/** Values that the gateway itself keeps. */
export class SqlSettings implements SettingTable {
  readonly #store: Sql

  constructor(store: Sql) {
    this.#store = store
  }

  get(name: string): Promise<string | undefined> {
    return this.#store.read(async (db) => {
      mustBeKept(name, 'setting')
      const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value
    })
  }

  setOnce(name: string, value: string): Promise<string> {
    return this.#store.write(async (trx) => {
      mustBeKept([name, value], 'setting')
      // Waits for another who is about to set it; what that one wrote is seen by the next statement.
      const insert = trx.insertInto('settings').values({ name, value })
      await insert.onConflict((conflict) => conflict.doNothing()).execute()
      const row = trx.selectFrom('settings').select('value').where('name', '=', name)
      return (await row.executeTakeFirstOrThrow()).value
    })
  }

  set(name: string, value: string): Promise<void> {
    return this.#store.write(async (trx) => {
      mustBeKept([name, value], 'setting')
      const insert = trx.insertInto('settings').values({ name, value })
      await insert.onConflict((conflict) => conflict.column('name').doUpdateSet({ value })).execute()
    })
  }
}
