import { isObject, type JsonObject, type JsonValue } from '../core/json.ts'

/** The gateway's own marks on a schema, which no validator knows. */
const OWN_KEYWORDS: ReadonlySet<string> = new Set(['secret', 'duration', 'optional', 'ignoreCase', 'hint'])

/** Keywords whose values are mappings of schemas by name, where a name may look like a keyword. */
const SCHEMAS_BY_NAME: ReadonlySet<string> = new Set(['properties', 'patternProperties'])

/** Keywords whose values are data, to be left as they are. */
const DATA: ReadonlySet<string> = new Set(['default', 'examples', 'enum', 'const', 'required'])

const DURATION_PATTERN = String.raw`^\d+(\.\d+)?(ms|s|m|h|d)$`

/** An option schema as plain JSON Schema: closed mappings, own marks put into standard keywords or left out. */
export function plainSchema(schema: object): JsonObject {
  // Through JSON, which copies it and leaves out what is undefined.
  const plain: JsonObject = JSON.parse(JSON.stringify(schema))
  return clean(plain)
}

function clean(node: JsonObject): JsonObject {
  const cleaned: JsonObject = {}
  for (const [key, value] of Object.entries(node)) {
    if (!OWN_KEYWORDS.has(key)) cleaned[key] = cleanMember(key, value)
  }
  if (node.type === 'object') cleaned.additionalProperties ??= false
  if (node.duration === true) {
    // A bare number is seconds.
    const { maximum } = node
    const most = typeof maximum === 'number' ? { maximum: maximum / 1000 } : {}
    return { ...cleaned, ...most, pattern: DURATION_PATTERN, minimum: 0 }
  }
  return node.ignoreCase === true ? inAnyCase(cleaned) : cleaned
}

function cleanMember(key: string, value: JsonValue): JsonValue {
  if (DATA.has(key)) return value
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? clean(item) : item))
  if (!isObject(value)) return value
  if (!SCHEMAS_BY_NAME.has(key)) return clean(value)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isObject(item) ? clean(item) : item]),
  )
}

/** An enum that also takes its words in other cases; an editor still offers the declared ones. */
function inAnyCase(node: JsonObject): JsonObject {
  const { anyOf, enum: listed, type: _type, ...rest } = node
  const words = Array.isArray(listed) ? listed : []
  const literals = Array.isArray(anyOf)
    ? anyOf.map((branch) => (isObject(branch) ? (branch.const ?? null) : null))
    : []
  const all = [...words, ...literals]
  const pattern = all
    .map((word) => (typeof word === 'string' ? inEachCase(word) : JSON.stringify(word)))
    .join('|')
  return { ...rest, anyOf: [{ enum: all }, { type: 'string', pattern: `^(${pattern})$` }] }
}

/** A pattern for `word` in any mix of capitals. */
export function inEachCase(word: string): string {
  return word
    .replaceAll(/[^\w-]/g, String.raw`\$&`)
    .replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)
}
