import type { Audit, Database, Fresh, ObjectTable, StoredObject } from '../core/database.ts'
import { option, type OptionSchema } from '../core/options.ts'
import type { Access, Principal } from './access.ts'
import { notFound } from './errors.ts'
import type { Fields } from './fields.ts'
import { nameField, objectSchema, optionalFields, writeStored } from './fields-of-objects.ts'
import { pageParameters, pageSchema, readPage, writePage } from './paging.ts'
import type { AdminAnswer, ControlPlane, Resource } from './resource.ts'
import { scopeOf } from './scope.ts'

/** One kind of objects of the database, as the API has them. */
export interface ObjectApi<Row extends StoredObject> {
  /** In the singular, as in `key.create`. */
  readonly kind: 'key' | 'user' | 'team'
  readonly path: string
  readonly table: (database: Database) => ObjectTable<Row>
  /** Who may change them, beside making new ones. */
  readonly change: Access
  /** The fields that can be changed. */
  readonly fields: Readonly<Record<string, OptionSchema>>
  /** The object's own part of an answer; `id`, version and times are added. */
  readonly answer: Readonly<Record<string, OptionSchema>>
  write(row: Row): Record<string, unknown>
  /** Checked fields as the row has them: those that were sent. */
  read(body: Fields, context: WriteContext): Partial<Fresh<Row>> | Promise<Partial<Fresh<Row>>>
}

/** Who writes, and where. */
export interface WriteContext {
  readonly principal: Principal
  readonly database: Database
}

/** What an object is as an answer. */
export function answerWith<Row extends StoredObject>(api: ObjectApi<Row>, row: Row): AdminAnswer {
  return { version: row.version, body: writeObject(api, row) }
}

export function writeObject<Row extends StoredObject>(
  api: ObjectApi<Row>,
  row: Row,
): Record<string, unknown> {
  return { id: row.id, ...api.write(row), ...writeStored(row) }
}

export function auditOf(kind: string, { name }: Principal, action: string): Audit {
  return { actor: name, action: `${kind}.${action}` }
}

/** The shape of an object's answer. */
export function schemaOf<Row extends StoredObject>({
  answer,
}: ObjectApi<Row>): ReturnType<typeof objectSchema> {
  return objectSchema({ id: option.string(), ...answer })
}

/** The list of all. */
export function listOf<Row extends StoredObject>(api: ObjectApi<Row>): Resource {
  return {
    method: 'GET',
    path: api.path,
    access: 'team',
    summary: `All ${api.kind}s, by id`,
    query: option.object(pageParameters),
    answer: pageSchema(schemaOf(api)),
    async handle({ principal, query }, { database }) {
      const page = await api.table(database).list({ ...readPage(query), ...scopeOf(principal) })
      return { body: writePage(page, (row) => writeObject(api, row)) }
    },
  }
}

/** Reading, changing and deleting one. */
export function oneOf<Row extends StoredObject>(api: ObjectApi<Row>): Resource[] {
  const { kind, table, change } = api
  const path = `${api.path}/:id`
  return [
    {
      method: 'GET',
      path,
      access: 'team',
      summary: `One ${kind}`,
      answer: schemaOf(api),
      async handle({ principal, id }, { database }) {
        const row = await table(database).get(id, scopeOf(principal))
        if (!row) throw notFound(kind)
        return answerWith(api, row)
      },
    },
    {
      method: 'PATCH',
      path,
      access: change,
      summary: `Change the fields of a ${kind} that the body names`,
      needsVersion: true,
      body: option.object(optionalFields(api.fields)),
      answer: schemaOf(api),
      async handle({ principal, id, body, version }, { database }) {
        const at = { id, version, scope: scopeOf(principal) }
        const changes = await api.read(body, { principal, database })
        const row = await table(database).update(at, changes, auditOf(kind, principal, 'update'))
        if (!row) throw notFound(kind)
        return answerWith(api, row)
      },
    },
  ]
}

/** Deleting one, when nothing hinders it. */
export function deletionOf<Row extends StoredObject>(
  { kind, path, table, change }: ObjectApi<Row>,
  mayGo: (id: string, plane: ControlPlane) => Promise<void> = () => Promise.resolve(),
): Resource {
  return {
    method: 'DELETE',
    path: `${path}/:id`,
    access: change,
    summary: `Delete a ${kind}`,
    needsVersion: true,
    answer: option.object({ deleted: option.boolean() }),
    async handle({ principal, id, version }, plane) {
      const at = { id, version, scope: scopeOf(principal) }
      const found = await table(plane.database).get(at.id, at.scope)
      if (!found) throw notFound(kind)
      await mayGo(at.id, plane)
      const isGone = await table(plane.database).delete(at, auditOf(kind, principal, 'delete'))
      if (!isGone) throw notFound(kind)
      return { body: { deleted: true } }
    },
  }
}

/** Making one of a name that the caller chooses. */
export function creationOf<Row extends StoredObject>(
  api: ObjectApi<Row>,
  complete: (fields: Partial<Fresh<Row>>, id: string, principal: Principal) => Fresh<Row>,
): Resource {
  const { kind, table } = api
  return {
    method: 'POST',
    path: api.path,
    access: api.change,
    summary: `Make a ${kind}`,
    status: 201,
    body: option.object({
      id: nameField(`The name of the ${kind}: the same wherever it is written.`),
      ...optionalFields(api.fields),
    }),
    answer: schemaOf(api),
    async handle({ principal, body }, { database }) {
      const fields = await api.read(body, { principal, database })
      const fresh = complete(fields, body.text('id') ?? '', principal)
      return answerWith(api, await table(database).create(fresh, auditOf(kind, principal, 'create')))
    },
  }
}
