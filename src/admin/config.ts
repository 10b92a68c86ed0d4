import { option, type OptionSchema } from '../core/options.ts'
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
  handle: ({ body }, plane) => ({ body: plane.validate(body.text('text') ?? '') }),
}

/** The configuration: which is in use, and whether another could be. */
export const config: readonly Resource[] = [current, content, validate]
