import { type Expression, sql, type SqlBool, type Transaction } from 'kysely'
import {
  type At,
  type Audit,
  DatabaseError,
  type Fresh,
  type ObjectKind,
  type ObjectTable,
  type Page,
  type PageQuery,
  type Scope,
  type StoredObject,
} from '../../core/database.ts'
import { changedFields } from './audit-fields.ts'
import { writeAudit } from './audit-table.ts'
import { countChange } from './change-table.ts'
import { readCursor, toPage } from './cursor.ts'
import type { Sql } from './sql.ts'
import type { ObjectColumns, Tables } from './tables.ts'
import { mustBeKept } from './texts.ts'

/** One kind of objects. */
export interface ObjectTraits<Row extends StoredObject> {
  readonly kind: ObjectKind
  /** `fields` are what the row had beside its `stored` ones, as JSON. */
  readonly toRow: (stored: StoredObject, fields: Fields<Row>) => Row
  /** Whose it is. With a user and no team, it belongs to the user's team. */
  readonly owner?: (row: Fresh<Row>) => { readonly team: string | null; readonly user?: string | null }
  /** Fields that the audit log does not show. */
  readonly secret?: readonly (keyof Fields<Row> & string)[]
  /** Keeps other tables in step, in the same transaction. */
  readonly changed?: (trx: Transaction<Tables>, change: Change<Row>) => Promise<void>
}

type Fields<Row extends StoredObject> = Omit<Row, keyof StoredObject>

export interface Change<Row> {
  readonly before: Row | undefined
  readonly after: Row | undefined
}

/** Objects of one kind. Two who change the same one at a time: the version tells the second. */
export class SqlObjects<Row extends StoredObject> implements ObjectTable<Row> {
  readonly #store: Sql
  readonly #traits: ObjectTraits<Row>
  readonly #secret: ReadonlySet<string>

  constructor(store: Sql, traits: ObjectTraits<Row>) {
    this.#store = store
    this.#traits = traits
    this.#secret = new Set<string>(traits.secret)
  }

  get(id: string, { team }: Scope = {}): Promise<Row | undefined> {
    return this.#store.read(async (db) => {
      mustBeKept({ id, team }, this.#traits.kind)
      let query = db.selectFrom('objects').selectAll().where('kind', '=', this.#traits.kind)
      if (team !== undefined) query = query.where(ofTeam(team))
      const columns = await query.where('id', '=', id).executeTakeFirst()
      return columns && this.read(columns)
    })
  }

  list({ limit, after, team }: PageQuery & Scope): Promise<Page<Row>> {
    return this.#store.read(async (db) => {
      mustBeKept({ team }, this.#traits.kind)
      let query = db.selectFrom('objects').selectAll().where('kind', '=', this.#traits.kind)
      if (team !== undefined) query = query.where(ofTeam(team))
      if (after !== undefined) query = query.where('id', '>', readCursor(after, ['string'])[0])
      const found = await query
        .orderBy('id')
        .limit(limit + 1)
        .execute()
      return this.readPage(found, limit)
    })
  }

  create(fresh: Fresh<Row>, audit?: Audit): Promise<Row> {
    return this.#store.write(async (trx) => {
      const { kind } = this.#traits
      mustBeKept(fresh, kind)
      const now = Date.now()
      const columns = { kind, version: 1, created_at: now, updated_at: now, ...this.#columnsOf(fresh) }
      const insert = trx
        .insertInto('objects')
        .values(columns)
        .onConflict((conflict) => conflict.doNothing())
      if (!(await insert.returning('id').executeTakeFirst())) {
        throw new DatabaseError('taken', `there is a ${kind} ${JSON.stringify(fresh.id)} already`)
      }
      const after = this.read(columns)
      await this.#tell(trx, { before: undefined, after }, audit)
      return after
    })
  }

  update(at: At, changes: Partial<Fresh<Row>>, audit?: Audit): Promise<Row | undefined> {
    return this.#store.write(async (trx) => {
      mustBeKept(changes, this.#traits.kind)
      const found = await this.#lock(trx, at)
      if (!found) return undefined
      const before = this.read(found)
      // The id may be named among the changes, but an object keeps it.
      const fresh = { ...before, ...changes, id: before.id }
      const columns = { version: before.version + 1, updated_at: Date.now(), ...this.#columnsOf(fresh) }
      const update = trx.updateTable('objects').set(columns).where('kind', '=', this.#traits.kind)
      await update.where('id', '=', before.id).execute()
      const after = this.read({ ...found, ...columns })
      await this.#tell(trx, { before, after }, audit)
      return after
    })
  }

  delete(at: Omit<At, 'version'> & Partial<At>, audit?: Audit): Promise<boolean> {
    return this.#store.write(async (trx) => {
      const found = await this.#lock(trx, at)
      if (!found) return false
      const deletion = trx.deleteFrom('objects').where('kind', '=', this.#traits.kind)
      await deletion.where('id', '=', found.id).execute()
      await this.#tell(trx, { before: this.read(found), after: undefined }, audit)
      return true
    })
  }

  protected read({ id, version, created_at, updated_at, body }: ObjectColumns): Row {
    const fields: Fields<Row> = JSON.parse(body)
    return this.#traits.toRow({ id, version, createdAt: created_at, updatedAt: updated_at }, fields)
  }

  protected readPage(found: readonly ObjectColumns[], limit: number): Page<Row> {
    const rows = found.map((columns) => this.read(columns))
    return toPage(rows, limit, ({ id }) => [id])
  }

  #columnsOf(fresh: Fresh<Row>): Pick<ObjectColumns, 'id' | 'team' | 'user_id' | 'body'> {
    const { team = null, user = null } = this.#traits.owner?.(fresh) ?? {}
    return { id: fresh.id, team, user_id: user, body: JSON.stringify(fieldsOf(fresh)) }
  }

  /** Whoever has to know of a change: other tables, those who keep copies, and the audit log. */
  async #tell(trx: Transaction<Tables>, change: Change<Row>, audit: Audit | undefined): Promise<void> {
    const { kind, changed } = this.#traits
    const { before, after } = change
    // Before the tables are changed: a team that is deleted has users until then.
    const teamBefore = before ? await this.#teamOf(trx, before) : null
    await changed?.(trx, change)
    await countChange(trx, kind)
    if (!audit) return
    await writeAudit(trx, {
      ...audit,
      object: `${kind}/${(after ?? before)?.id}`,
      teamBefore,
      team: after ? await this.#teamOf(trx, after) : null,
      ...changedFields(before && fieldsOf(before), after && fieldsOf(after), this.#secret),
    })
  }

  async #teamOf(trx: Transaction<Tables>, row: Row): Promise<string | null> {
    const { team = null, user } = this.#traits.owner?.(row) ?? {}
    if (team !== null || typeof user !== 'string') return team
    const query = trx.selectFrom('objects').select('team').where('kind', '=', 'user').where('id', '=', user)
    return (await query.executeTakeFirst())?.team ?? null
  }

  /** A row that nobody else changes until the transaction ends. SQLite has one writer anyway. */
  async #lock(
    trx: Transaction<Tables>,
    { id, version, scope = {} }: Omit<At, 'version'> & Partial<At>,
  ): Promise<ObjectColumns | undefined> {
    const { team } = scope
    const { kind } = this.#traits
    mustBeKept({ id, team }, kind)
    let query = trx.selectFrom('objects').selectAll().where('kind', '=', kind).where('id', '=', id)
    if (team !== undefined) query = query.where(ofTeam(team))
    const found = await (this.#store.engine === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
    if (!found || version === undefined || found.version === version) return found
    const message = `${kind} ${JSON.stringify(id)} has changed meanwhile: it is at version ${found.version}, not ${version}`
    throw new DatabaseError('stale', message)
  }
}

/** Objects of a team: its own, and those without a team that one of its users has. */
export function ofTeam(team: string): Expression<SqlBool> {
  const users = sql`select u.id from objects as u where u.kind = 'user' and u.team = ${team}`
  return sql`(objects.team = ${team} or (objects.team is null and objects.user_id in (${users})))`
}

/** All but what every object has. */
function fieldsOf(row: StoredObject | Fresh<StoredObject>): Readonly<Record<string, unknown>> {
  const {
    id: _id,
    version: _version,
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    ...fields
  } = {
    version: 0,
    createdAt: 0,
    updatedAt: 0,
    ...row,
  }
  return fields
}
