import type { KeyChanges, KeyQuery, KeyRow, KeyTable, Page } from '../../core/database.ts'
import { readCursor, toPage } from './cursor.ts'
import { changesSince, keyChanged } from './key-changes.ts'
import { SqlObjects } from './object-table.ts'
import type { Sql } from './sql.ts'

/** Virtual keys, looked up by digest through an index of their own. */
export class SqlKeys extends SqlObjects<KeyRow> implements KeyTable {
  readonly #store: Sql

  constructor(store: Sql) {
    super(store, {
      name: 'key',
      toRow: (stored, fields) => ({ ...fields, ...stored }),
      changed: (trx, change) => keyChanged(trx, store, change),
    })
    this.#store = store
  }

  /** A digest that is one key's present and another's previous one is the former's. */
  findByDigest(digest: string): Promise<KeyRow | undefined> {
    return this.#store.read(async (db) => {
      for (const column of ['digest', 'previous_digest'] as const) {
        const found = await db
          .selectFrom('key_index')
          .innerJoin('objects', 'objects.id', 'key_index.id')
          .selectAll('objects')
          .where('objects.kind', '=', 'key')
          .where(`key_index.${column}`, '=', digest)
          .executeTakeFirst()
        if (found) return this.read(found)
      }
      return undefined
    })
  }

  search({ limit, after, user, team, text }: KeyQuery): Promise<Page<KeyRow>> {
    return this.#store.read(async (db) => {
      let query = db
        .selectFrom('key_index')
        .innerJoin('objects', 'objects.id', 'key_index.id')
        .selectAll('objects')
        .where('objects.kind', '=', 'key')
      if (user !== undefined) query = query.where('key_index.user_id', '=', user)
      if (team !== undefined) query = query.where('key_index.team', '=', team)
      if (text !== undefined) {
        const part = text.toLowerCase().replaceAll('\0', '')
        const place = this.#store.engine === 'postgres' ? 'strpos' : 'instr'
        query = query.where((eb) => eb(eb.fn<number>(place, ['key_index.search', eb.val(part)]), '>', 0))
      }
      if (after !== undefined) query = query.where('objects.id', '>', String(readCursor(after, 1)[0]))
      const found = await query
        .orderBy('objects.id')
        .limit(limit + 1)
        .execute()
      return toPage(
        found.map((columns) => this.read(columns)),
        limit,
        ({ id }) => [id],
      )
    })
  }

  changes(since: number): Promise<KeyChanges> {
    return changesSince(this.#store, since)
  }
}
