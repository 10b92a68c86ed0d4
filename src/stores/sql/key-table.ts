import type { KeyChanges, KeyQuery, KeyRow, KeyTable, Page } from '../../core/database.ts'
import { readCursor } from './cursor.ts'
import { changesSince, keyChanged } from './key-changes.ts'
import { ofTeam, SqlObjects } from './object-table.ts'
import type { Sql } from './sql.ts'
import { mustBeKept } from './texts.ts'

/** Virtual keys, looked up by digest through an index of their own. */
export class SqlKeys extends SqlObjects<KeyRow> implements KeyTable {
  readonly #store: Sql

  constructor(store: Sql) {
    super(store, {
      kind: 'key',
      toRow: (stored, fields) => ({ ...fields, ...stored }),
      owner: ({ team, user }) => ({ team, user }),
      secret: ['digest', 'previousDigest'],
      changed: (trx, change) => keyChanged(trx, store, change),
    })
    this.#store = store
  }

  /** A digest that is one key's present and another's previous one is the former's. */
  findByDigest(digest: string): Promise<KeyRow | undefined> {
    return this.#store.read(async (db) => {
      mustBeKept(digest, 'digest')
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
      mustBeKept({ user, team, text }, 'key')
      let query = db
        .selectFrom('key_index')
        .innerJoin('objects', 'objects.id', 'key_index.id')
        .selectAll('objects')
        .where('objects.kind', '=', 'key')
      if (user !== undefined) query = query.where('objects.user_id', '=', user)
      if (team !== undefined) query = query.where(ofTeam(team))
      if (text !== undefined) {
        const place = this.#store.engine === 'postgres' ? 'strpos' : 'instr'
        const part = text.toLowerCase()
        query = query.where((eb) => eb(eb.fn<number>(place, ['key_index.search', eb.val(part)]), '>', 0))
      }
      if (after !== undefined) query = query.where('objects.id', '>', readCursor(after, ['string'])[0])
      const found = await query
        .orderBy('objects.id')
        .limit(limit + 1)
        .execute()
      return this.readPage(found, limit)
    })
  }

  touch(uses: ReadonlyMap<string, number>): Promise<void> {
    return this.#store.write(async (trx) => {
      mustBeKept([...uses.keys()], 'key')
      for (const id of [...uses.keys()].toSorted()) {
        const query = trx.selectFrom('objects').selectAll().where('kind', '=', 'key').where('id', '=', id)
        const locked = this.#store.engine === 'postgres' ? query.forUpdate() : query
        const found = await locked.executeTakeFirst()
        const at = uses.get(id) ?? 0
        if (!found || at <= (this.read(found).lastUsedAt ?? 0)) continue
        const body = JSON.stringify({ ...JSON.parse(found.body), lastUsedAt: at })
        await trx
          .updateTable('objects')
          .set({ body })
          .where('kind', '=', 'key')
          .where('id', '=', id)
          .execute()
      }
    })
  }

  changes(since: number): Promise<KeyChanges> {
    return changesSince(this.#store, since)
  }
}
