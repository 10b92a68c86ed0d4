import type { SecretRow } from '../core/database.ts'
import { option } from '../core/options.ts'
import { Secret } from '../core/secret.ts'
import { SECRET_NAME_PATTERN } from '../core/stored-secret.ts'
import { AdminError, notFound } from './errors.ts'
import { objectSchema, writeStored } from './fields-of-objects.ts'
import type { ControlPlane, Resource } from './resource.ts'
import { orNull } from './schemas.ts'

const PATH = '/admin/secrets'

const shown = objectSchema({
  name: option.string({ description: 'What configurations write after `secret:`.' }),
  keyId: option.string({ description: 'A digest of the encryption key that it is sealed with.' }),
  usedBy: option.list(option.string(), {
    description: 'The routes and keys of the configuration that name it.',
  }),
  problem: orNull(option.string({ description: 'Why it cannot be opened; null when it can.' })),
})

const list: Resource = {
  method: 'GET',
  path: PATH,
  access: 'read',
  summary: 'All secrets of the store by name, and what uses them; never a value',
  answer: option.object({ items: option.list(shown) }),
  async handle(_request, { secrets: desk }) {
    const rows = await desk.list()
    return { body: { items: rows.map(({ row, problem }) => write(row, problem, desk)) } }
  },
}

const set: Resource = {
  method: 'PUT',
  path: `${PATH}/:id`,
  access: 'admin',
  summary: 'Keep a value under a name, in place of the one before; it is in no answer',
  body: option.object({
    value: option.string({ description: 'One line of printable ASCII.', minLength: 1, maxLength: 65_536 }),
  }),
  answer: shown,
  async handle({ principal, id, body }, { secrets: desk }) {
    if (!new RegExp(SECRET_NAME_PATTERN).test(id)) throw new AdminError('bad_request', NAMES)
    const row = await desk.set(id, new Secret(body.text('value') ?? ''), principal.name)
    return { body: write(row, undefined, desk) }
  },
}

const NAMES =
  'The name of a secret is of letters, digits, "_", "." and "-", and begins with none of the last two.'

const remove: Resource = {
  method: 'DELETE',
  path: `${PATH}/:id`,
  access: 'admin',
  summary: 'Delete a secret that nothing uses',
  query: option.object({
    force: option.optional(option.boolean({ description: 'Also when something uses it.', default: false })),
  }),
  answer: option.object({ deleted: option.boolean() }),
  async handle({ principal, id, query }, { secrets: desk }) {
    const users = desk.usersOf(id)
    if (users.length > 0 && query.flag('force') !== true) {
      const message = `It is used by ${users.join(', ')}; take it out there first, or send "force=true".`
      throw new AdminError('conflict', message)
    }
    if (!(await desk.delete(id, principal.name))) throw notFound('secret')
    return { body: { deleted: true } }
  },
}

const rotate: Resource = {
  method: 'POST',
  path: `${PATH}/rotate`,
  access: 'admin',
  summary: 'Seal all secrets with the present encryption key',
  answer: option.object({
    sealedAnew: option.list(option.string()),
    unchanged: option.list(option.string()),
    closed: option.list(option.object({ name: option.string(), problem: option.string() }), {
      description: 'Those that no key opens; they are left as they are.',
    }),
  }),
  async handle({ principal }, { secrets: desk }) {
    return { body: await desk.rotate(principal.name) }
  },
}

function write(
  { id, keyId, ...row }: SecretRow,
  problem: string | undefined,
  desk: ControlPlane['secrets'],
): Record<string, unknown> {
  return {
    name: id,
    keyId,
    usedBy: desk.usersOf(id),
    problem: problem ?? null,
    ...writeStored({ id, ...row }),
  }
}

/** Providers' credentials in the store. Their values go in, and nothing here gives them back. */
export const secrets: readonly Resource[] = [list, set, remove, rotate]
