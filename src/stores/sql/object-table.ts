import type { Transaction } from 'kysely'
import {
  DatabaseError,
  type Fresh,
  type ObjectTable,
  type Page,
  type PageQuery,
  type StoredObject,
} from '../../core/database.ts'
import { readCursor, toPage } from './cursor.ts'
import type { Sql } from './sql.ts'
import type { ObjectColumns, Tables } from './tables.ts'

/** One kind of objects. */
export interface ObjectKind<Row extends StoredObject> {
  readonly name: string
  /** `fields` are what the row had beside its `stored` ones, as JSON. */
  readonly toRow: (stored: StoredObject, fields: Fields<Row>) => Row
  /** Keeps other tables in step, in the same transaction. */
  readonly changed?: (trx: Transaction<Tables>, change: Change<Row>) => Promise<void>
}

export type Fields<Row extends StoredObject> = Omit<Row, keyof StoredObject>

export interface Change<Row> {
  readonly before: Row | undefined
  readonly after: Row | undefined
}

/** Objects of one kind. Two who change the same one at a time: the version tells the second. */
export class SqlObjects<Row extends StoredObject> implements ObjectTable<Row> {
  readonly #store: Sql
  readonly #kind: ObjectKind<Row>

  constructor(store: Sql, kind: ObjectKind<Row>) {
    this.#store = store
    this.#kind = kind
  }

  get(id: string): Promise<Row | undefined> {
    return this.#store.read(async (db) => {
      const query = db.selectFrom('objects').selectAll().where('kind', '=', this.#kind.name)
      const columns = await query.where('id', '=', id).executeTakeFirst()
      return columns && this.read(columns)
    })
  }

  list({ limit, after }: PageQuery): Promise<Page<Row>> {
    return this.#store.read(async (db) => {
      let query = db.selectFrom('objects').selectAll().where('kind', '=', this.#kind.name)
      if (after !== undefined) query = query.where('id', '>', String(readCursor(after, 1)[0]))
      const found = await query
        .orderBy('id')
        .limit(limit + 1)
        .execute()
      return toPage(
        found.map((columns) => this.read(columns)),
        limit,
        ({ id }) => [id],
      )
    })
  }

  create(fresh: Fresh<Row>): Promise<Row> {
    return this.#store.write(async (trx) => {
      const now = Date.now()
      const { id, ...fields } = fresh
      const columns = {
        kind: this.#kind.name,
        id,
        version: 1,
        created_at: now,
        updated_at: now,
        body: JSON.stringify(fields),
      }
      const insert = trx
        .insertInto('objects')
        .values(columns)
        .onConflict((conflict) => conflict.doNothing())
      const made = await insert.returning('id').executeTakeFirst()
      if (!made)
        throw new DatabaseError('conflict', `there is a ${this.#kind.name} ${JSON.stringify(id)} already`)
      const after = this.read(columns)
      await this.#kind.changed?.(trx, { before: undefined, after })
      return after
    })
  }

  update(id: string, version: number, changes: Partial<Fresh<Row>>): Promise<Row | undefined> {
    return this.#store.write(async (trx) => {
      const before = await this.#lock(trx, id)
      if (!before) return undefined
      this.#mustBe(before, version)
      const body = { ...JSON.parse(before.body), ...changes }
      // It may be named among the changes, but an object keeps its id.
      delete body.id
      const columns = {
        ...before,
        version: version + 1,
        updated_at: Date.now(),
        body: JSON.stringify(body),
      }
      await trx
        .updateTable('objects')
        .set({ version: columns.version, updated_at: columns.updated_at, body: columns.body })
        .where('kind', '=', this.#kind.name)
        .where('id', '=', id)
        .execute()
      const after = this.read(columns)
      await this.#kind.changed?.(trx, { before: this.read(before), after })
      return after
    })
  }

  delete(id: string, version?: number): Promise<boolean> {
    return this.#store.write(async (trx) => {
      const before = await this.#lock(trx, id)
      if (!before) return false
      if (version !== undefined) this.#mustBe(before, version)
      await trx.deleteFrom('objects').where('kind', '=', this.#kind.name).where('id', '=', id).execute()
      await this.#kind.changed?.(trx, { before: this.read(before), after: undefined })
      return true
    })
  }

  read({ id, version, created_at, updated_at, body }: ObjectColumns): Row {
    const fields: Fields<Row> = JSON.parse(body)
    return this.#kind.toRow({ id, version, createdAt: created_at, updatedAt: updated_at }, fields)
  }

  /** A row that nobody else changes until the transaction ends. SQLite has one writer anyway. */
  async #lock(trx: Transaction<Tables>, id: string): Promise<ObjectColumns | undefined> {
    const query = trx
      .selectFrom('objects')
      .selectAll()
      .where('kind', '=', this.#kind.name)
      .where('id', '=', id)
    return await (this.#store.engine === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  }

  #mustBe({ id, version: present }: ObjectColumns, version: number): void {
    if (present === version) return
    const message = `${this.#kind.name} ${JSON.stringify(id)} has changed meanwhile: it is at version ${present}, not ${version}`
    throw new DatabaseError('conflict', message)
  }
}
