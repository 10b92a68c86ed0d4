import { issueKey, type KeyFields, rotateKey } from '../auth/issue-key.ts'
import type { KeyRow } from '../core/database.ts'
import { option, type OptionSchema } from '../core/options.ts'
import { AdminError, notFound } from './errors.ts'
import type { Fields } from './fields.ts'
import { nameField, optionalFields, readTags, tagsField, textField } from './fields-of-objects.ts'
import { limitsField, readRules } from './limits.ts'
import { writeRule } from '../config/write-limit.ts'
import {
  auditOf,
  deletionOf,
  type ObjectApi,
  oneOf,
  schemaOf,
  type WriteContext,
  writeObject,
} from './objects.ts'
import { pageParameters, pageSchema, readPage, writePage } from './paging.ts'
import type { Resource } from './resource.ts'
import { mapOf, orNull, time } from './schemas.ts'
import { scopeOf, teamFor } from './scope.ts'
import { readTime, toTimeOrNull } from './times.ts'

const own: Readonly<Record<string, OptionSchema>> = {
  name: textField('For people.'),
  user: orNull(nameField('Whose it is.')),
  team: orNull(nameField("Whose budget it uses; the user's team when null.")),
  tags: tagsField,
  routes: option.list(option.string({ minLength: 1, maxLength: 200 }), {
    description: 'The routes that it may call; `*` stands for any run of characters.',
    maxItems: 200,
  }),
  limits: limitsField,
  expiresAt: orNull(time({ description: 'From then on it is refused.' })),
  enabled: option.boolean({ description: 'Whether it is taken at all.' }),
  metadata: mapOf(true, { description: 'Anything, for its owner: nothing reads it.' }),
}

const api: ObjectApi<KeyRow> = {
  kind: 'key',
  path: '/admin/keys',
  table: ({ keys }) => keys,
  change: 'teamAdmin',
  fields: own,
  answer: {
    ...own,
    hint: option.string({ description: "The key's prefix and last four characters." }),
    previousUntil: orNull(time({ description: 'Until when the key before the last rotation is taken.' })),
    lastUsedAt: orNull(time()),
  },
  write({ limits, expiresAt, isEnabled, previousUntil, lastUsedAt, ...row }) {
    const { name, user, team, tags, routes, metadata, hint } = row
    return {
      name,
      hint,
      user,
      team,
      tags,
      routes,
      limits: limits.map(writeRule),
      expiresAt: toTimeOrNull(expiresAt),
      enabled: isEnabled,
      metadata,
      previousUntil: toTimeOrNull(previousUntil),
      lastUsedAt: toTimeOrNull(lastUsedAt),
    }
  },
  read,
}

const MOST_METADATA = 16_384

async function read(body: Fields, context: WriteContext): Promise<Partial<KeyFields>> {
  const tags = readTags(body)
  const routes = body.textList('routes')
  const limits = readRules(body)
  const metadata = body.object('metadata')
  if (JSON.stringify(metadata ?? {}).length > MOST_METADATA) {
    throw new AdminError('bad_request', `metadata: is larger than ${MOST_METADATA} bytes.`)
  }
  const user = body.text('user') ?? null
  const expiresAt = body.text('expiresAt')
  if (user !== null) await mustBeTheirs(user, context)
  return {
    ...(body.has('name') && { name: body.text('name') ?? '' }),
    ...(body.has('user') && { user }),
    ...(body.has('team') && { team: teamFor(context.principal, body.text('team') ?? null) }),
    ...(tags && { tags }),
    ...(routes && { routes }),
    ...(limits && { limits }),
    ...(body.has('expiresAt') && {
      expiresAt: expiresAt === undefined ? null : readTime(expiresAt, 'expiresAt'),
    }),
    ...(body.has('enabled') && { isEnabled: body.flag('enabled') === true }),
    ...(metadata && { metadata }),
  }
}

/** A key in another team's user's name would use up what that user may. */
async function mustBeTheirs(user: string, { principal, database }: WriteContext): Promise<void> {
  if (principal.role !== 'team_admin') return
  if (!(await database.users.get(user, scopeOf(principal)))) throw notFound('user')
}

/** The answer that shows a key. */
const shownOnce = option.object({
  ...schemaOf(api).properties,
  key: option.string({ description: 'The key itself. It is shown this once: only a digest is kept.' }),
})

const list: Resource = {
  method: 'GET',
  path: api.path,
  access: 'team',
  summary: 'Virtual keys, by id',
  query: option.object({
    ...pageParameters,
    user: option.optional(option.string({ description: 'Of this user.' })),
    team: option.optional(option.string({ description: 'Of this team.' })),
    text: option.optional(option.string({ description: 'A part of the name or the hint.', maxLength: 200 })),
  }),
  answer: pageSchema(schemaOf(api)),
  async handle({ principal, query }, { database }) {
    const scope = scopeOf(principal)
    const team = query.text('team') ?? scope.team
    if (scope.team !== undefined && team !== scope.team) return { body: writePage({ rows: [] }, () => null) }
    const page = await database.keys.search({
      ...readPage(query),
      ...query.texts('user', 'text'),
      ...(team !== undefined && { team }),
    })
    return { body: writePage(page, (row) => writeObject(api, row)) }
  },
}

const create: Resource = {
  method: 'POST',
  path: api.path,
  access: 'teamAdmin',
  summary: 'Make a virtual key, which is shown this once',
  status: 201,
  body: option.object({ ...optionalFields(own), name: textField('For people.') }),
  answer: shownOnce,
  async handle({ principal, body }, { database }) {
    const given = await read(body, { principal, database })
    const { key, row } = await issueKey(
      database,
      { ...DEFAULTS, ...given, team: teamFor(principal, given.team) },
      auditOf('key', principal, 'create'),
    )
    return { version: row.version, body: { ...writeObject(api, row), key } }
  },
}

const DEFAULTS: KeyFields = {
  name: '',
  user: null,
  team: null,
  tags: {},
  routes: ['*'],
  limits: [],
  expiresAt: null,
  isEnabled: true,
  metadata: {},
}

const MAX_GRACE_MS = 90 * 86_400_000

const rotate: Resource = {
  method: 'POST',
  path: `${api.path}/:id/rotate`,
  access: 'teamAdmin',
  summary: 'Replace a virtual key; the one before is taken for a while yet',
  needsVersion: true,
  body: option.object({
    grace: option.optional(
      option.duration({
        description: 'For how long the key before is taken; `0s` for no longer.',
        default: '24h',
        maximum: MAX_GRACE_MS,
      }),
    ),
  }),
  answer: shownOnce,
  async handle({ principal, id, body, version }, { database }) {
    const at = { id, version, scope: scopeOf(principal) }
    const graceMs = body.number('grace') ?? 0
    const issued = await rotateKey(database, { at, graceMs }, auditOf('key', principal, 'rotate'))
    if (!issued) throw notFound('key')
    const { key, row } = issued
    return { version: row.version, body: { ...writeObject(api, row), key } }
  },
}

/** Virtual keys. The key itself is in the answers that make one, and nowhere else. */
export const keys: readonly Resource[] = [list, create, ...oneOf(api), rotate, deletionOf(api)]
