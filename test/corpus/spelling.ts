import { asArray, isObject, type JsonObject, type JsonValue } from '../../src/core/json.ts'

/**
 * A request in one spelling of its dialect, for comparing: what may be written in several ways that mean the same is
 * written in one. What means something is kept.
 */
export function oneSpelling(dialect: string, body: JsonObject): JsonValue {
  const { model: _model, stream: _stream, ...rest } = body
  return plain(SPELLINGS[dialect]?.(rest) ?? rest)
}

const SPELLINGS: Readonly<Record<string, (body: JsonObject) => JsonObject>> = {
  openai: ({ max_tokens: old, max_completion_tokens: limit, stream_options: _usage, ...rest }) => {
    // Reasoning models want the newer name, other servers the older one. Providers ask for the usage by themselves.
    const tokens = limit ?? old
    return tokens === undefined ? rest : { ...rest, maxTokens: tokens }
  },
  gemini: (body) => visit(body, geminiMember),
  'openai-responses': responses,
}

/** Null and empty members say nothing, and a list of a single text is the text. */
function plain(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(plain)
  if (!isObject(value)) return value
  const members = Object.entries(value).flatMap(([name, member]): [string, JsonValue][] => {
    const kept = NAMES_OF_TEXTS.has(name) ? textOf(member) : plain(member)
    return kept === null ||
      (name === 'tools' && isEmptyList(kept)) ||
      (isEmpty(kept) && !SAYS_SOMETHING_EMPTY.has(name))
      ? []
      : [[name, kept]]
  })
  return Object.fromEntries(members)
}

const NAMES_OF_TEXTS: ReadonlySet<string> = new Set(['content', 'system', 'output'])
/** A tool that is switched on, or arguments that there are none of. */
const SAYS_SOMETHING_EMPTY: ReadonlySet<string> = new Set([
  'googleSearch',
  'codeExecution',
  'args',
  'input',
  'content',
])

function textOf(value: JsonValue): JsonValue {
  const [part, ...more] = asArray(value)
  if (more.length > 0 || !isObject(part) || typeof part['text'] !== 'string') return plain(value)
  const { type: _type, text, annotations: _annotations, logprobs: _logprobs, ...rest } = part
  return Object.keys(rest).length === 0 ? text : plain(value)
}

function isEmpty(value: JsonValue): boolean {
  return isObject(value) && Object.keys(value).length === 0
}

function isEmptyList(value: JsonValue): boolean {
  return Array.isArray(value) && value.length === 0
}

/** Every member, from the leaves up, as `change` renames or rewrites it; undefined leaves it out. */
function visit(
  object: JsonObject,
  change: (name: string, value: JsonValue) => [string, JsonValue] | undefined,
): JsonObject {
  const changed = Object.entries(object).flatMap(([name, value]) => {
    const entry = change(name, visitValue(value, change))
    return entry ? [entry] : []
  })
  return Object.fromEntries(changed)
}

function visitValue(value: JsonValue, change: Parameters<typeof visit>[1]): JsonValue {
  if (Array.isArray(value)) return value.map((entry) => visitValue(entry, change))
  return isObject(value) ? visit(value, change) : value
}

/** Names in camelCase, schemas as JSON Schema, and defaults left out. */
function geminiMember(written: string, value: JsonValue): [string, JsonValue] | undefined {
  const name = written.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
  if (name === 'thought' && value === false) return undefined
  if (name === 'systemInstruction' && isObject(value)) {
    const { role: _role, parts } = value
    const kept = (Array.isArray(parts) ? parts : [parts ?? null]).filter(
      (part) => !isObject(part) || part['text'] !== '',
    )
    return kept.length === 0 ? undefined : [name, { parts: kept }]
  }
  if (name === 'type' && typeof value === 'string') return [name, value.toLowerCase()]
  if (name === 'parameters') return ['parametersJsonSchema', value]
  if (name === 'responseSchema') return ['responseJsonSchema', value]
  return [name, value]
}

/**
 * A text is a message of the user, instructions are a message before the others, and ids of items that are sent along
 * whole mean nothing. That nothing is to be kept, and that state is to be sent along, a stateless client does not say.
 */
function responses({
  input,
  instructions,
  store: _store,
  include: _include,
  ...rest
}: JsonObject): JsonObject {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : asArray(input)
  const first = typeof instructions === 'string' ? [{ role: 'system', content: instructions }] : []
  return {
    ...rest,
    input: [...first, ...items].filter(isObject).map(responsesItem),
  }
}

function responsesItem({ id: _id, status: _status, ...item }: JsonObject): JsonObject {
  const { type, role = 'user', ...message } = item
  if (type !== undefined && type !== 'message') return item
  return { ...message, role: role === 'developer' ? 'system' : role }
}
