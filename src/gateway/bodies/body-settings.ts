import { option, type OptionSchema, type OptionsSchema } from '../../core/options.ts'

/** What is kept of what is said on a route. */
export interface BodySettings {
  /** Of a request, and of its answer. */
  readonly maxBytes: number
  /** Absent: as long as the request's record. */
  readonly retentionMs?: number
  /** Regular expressions of what is left out. */
  readonly redact: readonly string[]
}

export const DEFAULT_BODY_BYTES = 65_536
/** A line of a spool holds both, and is read in one piece. */
const MOST_BYTES = 1_048_576

/** The `store_bodies` mapping of a route. */
export const bodiesSchema: OptionsSchema = option.object({
  max_bytes: option.optional(
    option.integer({
      description: 'How much is kept of a request, and of its answer.',
      default: DEFAULT_BODY_BYTES,
      minimum: 1024,
      maximum: MOST_BYTES,
    }),
  ),
  retention: option.optional(
    option.duration({
      description: 'How long, such as 7d; as long as the record of the request when left out.',
      maximum: 3650 * 86_400_000,
    }),
  ),
  redact: option.optional(
    option.list(option.string({ minLength: 1 }), {
      description:
        'Regular expressions of what is left out, beside credentials and files, which always are. As in JavaScript.',
      examples: [[String.raw`\b\d{3}-\d{2}-\d{4}\b`]],
    }),
  ),
})

/** `store_bodies` as it is written. */
export const storeBodiesSchema: OptionSchema = {
  anyOf: [{ type: 'boolean' }, bodiesSchema],
  description:
    'Whether requests and answers are kept in the database, for those who may read them. Prompts stand in them.',
  default: false,
}
