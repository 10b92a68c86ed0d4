import { option, type OptionSchema, type OptionsSchema } from '../core/options.ts'
import type { StoredObject } from '../core/database.ts'
import type { Tags } from '../core/identity.ts'
import { AdminError } from './errors.ts'
import type { Fields } from './fields.ts'
import { mapOf, time } from './schemas.ts'
import { toTime } from './times.ts'

/** What objects are called. It stands in URLs, so that one that a client would take for a step up is none. */
export function nameField(description: string): OptionSchema {
  return option.string({
    description,
    minLength: 1,
    maxLength: 200,
    pattern: '^(?!\\.{1,2}$)[^\\p{Cc}\\p{Cs}]+$',
    hint: 'write a text without control characters, and not "." or ".."',
  })
}

/** A text that is only shown. */
export function textField(description: string): OptionSchema {
  return option.string({
    description,
    minLength: 1,
    maxLength: 500,
    pattern: NO_NUL,
    hint: 'take out its NUL character',
  })
}

const NO_NUL = '^[^\\0]*$'

/** Whether somebody is let in. */
export function enabledField(who: string): OptionSchema {
  return option.boolean({ description: `Whether anybody is let in for ${who}, with whatever key or token.` })
}

/** Labels for who pays and for what. */
export const tagsField: OptionSchema = mapOf(option.string({ maxLength: 500 }), {
  description: 'Labels for who pays and for what, such as "project": "search".',
})

const MOST_TAGS = 50
const MOST_TAG_NAME = 200

/** The tags that a body has; undefined when it says nothing of them. */
export function readTags(body: Fields): Tags | undefined {
  const tags = body.textMap('tags')
  if (!tags) return undefined
  const names = Object.keys(tags)
  if (names.length > MOST_TAGS) throw new AdminError('bad_request', `tags: has more than ${MOST_TAGS}.`)
  if (names.some((name) => name === '' || name.length > MOST_TAG_NAME)) {
    throw new AdminError(
      'bad_request',
      `tags: has an empty name, or one of more than ${MOST_TAG_NAME} characters.`,
    )
  }
  return tags
}

/** The object's own part, and what every object has. */
export function objectSchema(own: Readonly<Record<string, OptionSchema>>): OptionsSchema {
  return option.object({
    ...own,
    version: option.integer({ description: 'Counts the changes; in quotes it is the `ETag`.' }),
    createdAt: time(),
    updatedAt: time(),
  })
}

/** What every object has, as it is answered. */
export function writeStored({ version, createdAt, updatedAt }: StoredObject): Record<string, unknown> {
  return { version, createdAt: toTime(createdAt), updatedAt: toTime(updatedAt) }
}

/** The same schemas, none of them required. */
export function optionalFields(fields: Readonly<Record<string, OptionSchema>>): Record<string, OptionSchema> {
  return Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, option.optional(schema)]))
}
