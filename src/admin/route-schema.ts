import { option, type OptionsSchema } from '../core/options.ts'
import { ROUTE_TYPES } from '../core/route.ts'
import { ROUTE_STATES } from '../core/route-listing.ts'
import { orNull } from './schemas.ts'

/** A `RouteListing`. */
export const listing: OptionsSchema = option.object({
  name: option.string(),
  type: orNull(option.oneOf(ROUTE_TYPES, { description: 'What it serves; null when that cannot be told.' })),
  origin: option.object(
    {
      kind: option.oneOf(['file', 'store']),
      line: option.optional(option.integer({ description: 'Of the file.' })),
      version: option.optional(option.integer({ description: "Of the store's route." })),
    },
    { description: 'Where it comes from.' },
  ),
  state: option.oneOf(ROUTE_STATES, {
    description:
      '`partial`: some of its models lack their secret; `unusable`: all do; `invalid`: it is not as a route must be; `shadowed`: the file has one of that name, which is used.',
  }),
  issues: option.list(option.object({ path: option.string(), message: option.string() }), {
    description: 'What is wrong with it, and where.',
  }),
})
