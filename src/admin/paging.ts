import type { Page, PageQuery } from '../core/database.ts'
import { option, type OptionSchema, type OptionsSchema } from '../core/options.ts'
import type { Fields } from './fields.ts'
import { orNull } from './schemas.ts'

const MOST = 200
const USUAL = 50

/** What every list takes. */
export const pageParameters: Readonly<Record<string, OptionSchema>> = {
  limit: option.optional(
    option.integer({ description: 'At most this many.', minimum: 1, maximum: MOST, default: USUAL }),
  ),
  after: option.optional(option.string({ description: 'The `next` of the page before.', maxLength: 2000 })),
}

/** Which page a query asks for. */
export function readPage(query: Fields): PageQuery {
  const after = query.text('after')
  return { limit: query.number('limit') ?? USUAL, ...(after !== undefined && { after }) }
}

/** The shape of every list. */
export function pageSchema(item: OptionSchema): OptionsSchema {
  return option.object({
    items: option.list(item),
    next: orNull(option.string({ description: 'For `after`, to get the next page; null on the last.' })),
  })
}

/** A page as it is answered. */
export function writePage<Row>({ rows, next }: Page<Row>, write: (row: Row) => unknown): unknown {
  return { items: rows.map(write), next: next ?? null }
}
