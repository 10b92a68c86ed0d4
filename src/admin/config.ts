import { option, type OptionSchema } from '../core/options.ts'
import { AdminError } from './errors.ts'
import { auditOf } from './objects.ts'
import type { Resource } from './resource.ts'
import { mapOf, orNull, time } from './schemas.ts'

const current: Resource = {
  method: 'GET',
  path: '/admin/config',
  access: 'read',
  summary: 'Which configuration is in use, and why a newer one is not',
  answer: option.object({
    generation: option.integer({ description: 'Counts up with every configuration that took effect.' }),
    loadedAt: time({ description: 'Since when it is in use.' }),
    error: orNull(option.string({ description: 'Why the file as it is now is not in use.' })),
  }),
  handle: (_request, plane) => ({ body: plane.config() }),
}

const content: Resource = {
  method: 'GET',
  path: '/admin/config/content',
  access: 'read',
  summary: 'The configuration in use as the gateway understands it, without credentials',
  answer: mapOf(true, {
    description: 'Defaults are filled in, times are in milliseconds. Credentials are `[redacted]`.',
  }),
  handle: (_request, plane) => ({ body: plane.content() }),
}

const schema: Resource = {
  method: 'GET',
  path: '/admin/config/schema',
  access: 'read',
  summary: 'The JSON Schema of configuration files, draft-07',
  answer: mapOf(true, { description: 'As `mlflow-gateway schema` prints it.' }),
  handle: (_request, plane) => ({ body: plane.file.schema() }),
}

const issues: OptionSchema = option.list(
  option.object({
    line: option.integer({ description: 'From 1; 0 for the text as a whole.' }),
    column: option.integer(),
    path: option.string({ description: 'Such as `routes[2].model.name`.' }),
    message: option.string(),
  }),
)

/** The same limit as of a file. */
const MOST_TEXT = 1_000_000

const validate: Resource = {
  method: 'POST',
  path: '/admin/config/validate',
  access: 'admin',
  summary: 'Check a configuration as the file would be checked; nothing is changed',
  description:
    'Environment variables, files and secrets of the store that it names are looked up, and never shown. Modules of own providers are not loaded: each is an issue.',
  body: option.object({
    text: option.string({ description: 'The configuration in YAML.', maxLength: MOST_TEXT }),
  }),
  answer: option.object({
    valid: option.boolean(),
    issues,
    warnings: issues,
  }),
  handle: async ({ body }, plane) => ({ body: await plane.file.validate(body.text('text') ?? '') }),
}

const text = orNull(option.string())

const file: Resource = {
  method: 'GET',
  path: '/admin/config/file',
  access: 'admin',
  summary: 'The configuration file, without its credentials',
  description:
    'Credentials that stand in the text are `[kept 1]`, `[kept 2]` and so on. A text that is sent back has them in their places again.',
  answer: option.object({
    name: option.string(),
    text: { ...text, description: 'Null when it cannot be read, or is no YAML.' },
    tag: { ...text, description: 'Of this content.' },
    isWritable: option.boolean(),
    inUse: { ...text, description: 'The content in use.' },
    before: {
      ...text,
      description: 'The one that was in use before the last reload; null before the first.',
    },
  }),
  handle: async (_request, plane) => ({ body: await plane.file.file() }),
}

const save: Resource = {
  method: 'PUT',
  path: '/admin/config/file',
  access: 'admin',
  summary: 'Write the configuration file; the gateway takes it over as when it is edited in place',
  isChecked: true,
  body: option.object({
    text: option.string({ description: 'The configuration in YAML.', maxLength: MOST_TEXT }),
    tag: option.string({ description: 'Of the content that it replaces.' }),
  }),
  answer: option.object({ saved: option.boolean() }),
  async handle({ body, principal }, plane) {
    const given = body.text('text') ?? ''
    const { valid, issues: found } = await plane.file.validate(given)
    if (!valid) {
      const lines = found.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`)
      throw new AdminError('invalid', `The configuration would not work: ${lines.join('; ')}`)
    }
    await plane.file.save(given, body.text('tag') ?? '')
    await plane.database.audit.append({
      ...auditOf('config', principal, 'write'),
      object: 'config/file',
      before: null,
      after: null,
    })
    return { body: { saved: true } }
  },
}

/** The configuration: which is in use, and whether another could be. */
export const config: readonly Resource[] = [current, content, schema, validate, file, save]
