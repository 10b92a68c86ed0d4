/**
 * A JSON Schema node, with the gateway's own marks: `secret`, `duration` and `optional`, `ignoreCase` on an enum, and
 * `hint`, what to write when a pattern does not match. The marks are left out of the schema that editors get.
 */
export interface OptionSchema {
  type?: string | readonly string[]
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly OptionSchema[]
  properties?: Readonly<Record<string, OptionSchema>>
  patternProperties?: Readonly<Record<string, OptionSchema>>
  additionalProperties?: boolean | OptionSchema
  required?: readonly string[]
  items?: OptionSchema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string | RegExp
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  default?: unknown
  description?: string
  examples?: readonly unknown[]
  secret?: boolean
  duration?: boolean
  optional?: boolean
  ignoreCase?: boolean
  hint?: string
}

/** The schema of a mapping: a provider's or a policy's options. */
export interface OptionsSchema extends OptionSchema {
  type: 'object'
  properties: Readonly<Record<string, OptionSchema>>
  required: readonly string[]
}

/** All about a node but its type. */
export type OptionDocs = Omit<OptionSchema, 'type'>

/**
 * Builders of option schemas. One description of a key serves the check, the defaults, the editors' JSON Schema and the
 * reference page.
 */
export const option = {
  string: (docs: OptionDocs = {}): OptionSchema => ({ type: 'string', ...docs }),
  integer: (docs: OptionDocs = {}): OptionSchema => ({ type: 'integer', ...docs }),
  number: (docs: OptionDocs = {}): OptionSchema => ({ type: 'number', ...docs }),
  boolean: (docs: OptionDocs = {}): OptionSchema => ({ type: 'boolean', ...docs }),
  list: (items: OptionSchema, docs: OptionDocs = {}): OptionSchema => ({ type: 'array', items, ...docs }),
  oneOf: (words: readonly string[], docs: OptionDocs = {}): OptionSchema => ({
    type: 'string',
    enum: words,
    ...docs,
  }),
  optional: <Schema extends OptionSchema>(schema: Schema): Schema => ({ ...schema, optional: true }),
  /** A mapping. Keys that are not `optional` are required. */
  object: (properties: Readonly<Record<string, OptionSchema>>, docs: OptionDocs = {}): OptionsSchema => ({
    type: 'object',
    properties,
    required: Object.keys(properties).filter((key) => !properties[key]?.optional),
    ...docs,
  }),
  /** None of the mapping's keys is required any more. */
  partial: ({ properties, ...rest }: OptionsSchema): OptionsSchema => ({ ...rest, properties, required: [] }),
  /**
   * A credential. The file says where it is (`$ENV_NAME`, the path of a file, or the text itself); after loading it is a
   * `Secret`.
   */
  secret: (docs: OptionDocs): OptionSchema => ({ type: 'string', secret: true, ...docs }),
  /** A time: `250ms`, `30s`, `5m`, `1h`, or a bare number of seconds. After loading: milliseconds. */
  duration: (docs: OptionDocs): OptionSchema => ({ type: ['string', 'number'], duration: true, ...docs }),
} as const
