import type { FileKey } from '../auth/file-keys.ts'
import type { AuthConfig } from '../auth/gate.ts'
import { plainDigestOf } from '../auth/digest.ts'
import { isObject } from '../core/json.ts'
import { option, type OptionSchema, type OptionsSchema } from '../core/options.ts'
import { Secret } from '../core/secret.ts'
import { type CheckContext, checkValue, type Spot } from './check.ts'
import type { Path } from './issue.ts'
import { issuerSchema, readIssuers } from './read-jwt.ts'
import { limitsSchema, readLimits } from './read-limits.ts'

const text = (description: string): OptionSchema =>
  option.optional(option.string({ description, minLength: 1 }))

const HASH = /^sha256:[0-9a-fA-F]{64}$/
const HASH_HINT = 'write "sha256:" and the 64 digits that `printf %s "$KEY" | sha256sum` prints'

/** One of `auth.keys`. */
const keySchema: OptionsSchema = option.object({
  name: option.string({
    description: 'What it is called in usage and logs; unique.',
    minLength: 1,
    maxLength: 200,
  }),
  key: option.optional(
    option.secret({
      description:
        'The key, at least 24 characters that nobody can guess. Only a digest of it is kept in memory.',
      examples: ['$CI_GATEWAY_KEY'],
    }),
  ),
  hash: option.optional(
    option.string({
      description: 'In place of "key": its SHA-256, as in "sha256:" and 64 hexadecimal digits.',
      pattern: HASH.source,
    }),
  ),
  user: text('Whose it is.'),
  team: text('The team that it belongs to.'),
  tags: option.optional(
    option.object(
      {},
      {
        additionalProperties: { type: 'string' },
        description: 'Labels for limits and reports, such as project: search.',
      },
    ),
  ),
  routes: option.optional(
    option.list(option.string({ minLength: 1 }), {
      description:
        'Names of the routes that it may use; "*" stands for any run of characters. All when left out.',
      examples: [['chat', 'embed-*']],
    }),
  ),
  limits: limitsSchema('Limits and budgets of this key alone.'),
  expires: option.optional(
    option.string({
      description: 'When it stops being good: a date, which begins at midnight UTC, or a time in ISO 8601.',
      pattern: String.raw`^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$`,
      hint: 'write a date as in "2027-01-31", or a time as in "2027-01-31T12:00:00Z"',
    }),
  ),
  enabled: option.optional(option.boolean({ description: 'Whether it may be used.', default: true })),
  metadata: option.optional(
    option.object(
      {},
      { additionalProperties: true, description: 'Anything else that is to be known of it.' },
    ),
  ),
})

/** The same but for what is read on its own: the limits, and a hash, in whose place the key itself may stand. */
const checkedKeySchema: OptionsSchema = {
  ...keySchema,
  properties: {
    ...keySchema.properties,
    limits: option.optional({}),
    hash: option.optional({ type: 'string' }),
  },
}

const WORDS = option.oneOf(['required', 'none'])

/** The `auth` section when it is a mapping. */
function mappingSchema(key: OptionsSchema): OptionsSchema {
  return option.object({
    keys: option.optional(
      option.list(key, { description: 'Virtual keys of this file, beside those of the database.' }),
    ),
    jwt: option.optional(
      option.list(issuerSchema, { description: 'Identity providers whose tokens (JWT) are taken too.' }),
    ),
  })
}

/** The `auth` section. */
export const authSchema: OptionSchema = {
  anyOf: [WORDS, mappingSchema(keySchema)],
  description:
    'Who may call: holders of a key ("required", or a mapping with keys), or anybody ("none", as without this section).',
}

/** What `auth` says; undefined when there is no such section. */
export function readAuth({ value, path }: Spot, context: CheckContext): AuthConfig | undefined {
  if (value === undefined) return undefined
  // What is there and says nothing, as half a file does, must not open the gateway.
  if (value === null) {
    const message = 'has no value; write "required", "none", or "keys:" and a list of keys below it'
    context.problems.push({ path, at: 'key', message })
    return undefined
  }
  const schema = isObject(value) ? mappingSchema(checkedKeySchema) : WORDS
  const auth = checkValue(schema, { value, path }, context)
  if (auth === 'none') return { mode: 'none' }
  if (!isObject(auth)) return { mode: 'required', keys: [] }
  const items = Array.isArray(auth['keys']) ? auth['keys'] : []
  const keys = items.flatMap((item: unknown, index) =>
    isObject(item) ? (readKey(item, [...path, 'keys', index], context) ?? []) : [],
  )
  reportTwins(keys, { path: [...path, 'keys'], context })
  const issuers = readIssuers(auth['jwt'], [...path, 'jwt'], context)
  return { mode: 'required', keys, ...(issuers.length > 0 && { issuers }) }
}

/** A key that can be guessed is worse than none. */
const SHORTEST_KEY = 24

function readKey(
  item: Readonly<Record<string, unknown>>,
  path: Path,
  context: CheckContext,
): FileKey | undefined {
  const digest = readDigest(item, path, context)
  const { name, user, team, tags, routes, expires, enabled, metadata } = item
  const limits = readLimits(item['limits'], [...path, 'limits'], context)
  const expiresAt = typeof expires === 'string' ? Date.parse(expires) : null
  if (expiresAt !== null && Number.isNaN(expiresAt)) {
    const message = `is no day of the calendar; write a date as in "2027-01-31"`
    context.problems.push({ path: [...path, 'expires'], at: 'value', message })
  }
  if (digest === undefined || typeof name !== 'string') return undefined
  return {
    name,
    digest,
    user: typeof user === 'string' ? user : null,
    team: typeof team === 'string' ? team : null,
    tags: isObject(tags) ? textsOf(tags) : {},
    routes: Array.isArray(routes) ? routes.map(String) : ['*'],
    limits,
    expiresAt,
    isEnabled: enabled !== false,
    metadata: isObject(metadata) ? metadata : {},
  }
}

function readDigest(
  item: Readonly<Record<string, unknown>>,
  path: Path,
  { problems }: CheckContext,
): Secret | undefined {
  const refuse = (message: string, at?: string): undefined => {
    problems.push({ path: at === undefined ? path : [...path, at], at: 'value', message })
  }
  const { key, hash } = item
  const hasKey = Object.hasOwn(item, 'key')
  const hasHash = Object.hasOwn(item, 'hash')
  if (hasKey && hasHash) return refuse('says the key twice; keep "key" or "hash"', 'hash')
  if (!hasKey && !hasHash) {
    return refuse('has no key; write "key: $NAME" for one in the environment, or its "hash"')
  }
  if (typeof hash === 'string') {
    if (!HASH.test(hash)) return refuse(`is no SHA-256; ${HASH_HINT}`, 'hash')
    return new Secret(Buffer.from(hash.slice('sha256:'.length), 'hex').toString('base64url'))
  }
  // One that could not be found is reported already.
  if (!(key instanceof Secret)) return undefined
  const { length } = key.reveal()
  if (length > 0 && length < SHORTEST_KEY) {
    return refuse(`is too short; write at least ${SHORTEST_KEY} characters that nobody can guess`, 'key')
  }
  return new Secret(plainDigestOf(key.reveal()))
}

function textsOf(tags: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, String(value)]))
}

function reportTwins(
  keys: readonly FileKey[],
  { path, context }: { path: Path; context: CheckContext },
): void {
  const report = (index: number, message: string): void => {
    context.problems.push({ path: [...path, index], at: 'value', message })
  }
  keys.forEach(({ name, digest }, index) => {
    const before = keys.slice(0, index)
    if (before.some((other) => other.name === name))
      report(index, 'has the name of a key above; rename one of them')
    if (before.some((other) => other.digest.reveal() === digest.reveal()))
      report(index, 'is the same key as one above; remove it')
  })
}
