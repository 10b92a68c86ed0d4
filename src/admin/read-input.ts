import { bareContext, checkValue, type CheckContext } from '../config/check.ts'
import { printPath } from '../config/issue.ts'
import { typesOf } from '../config/schema-node.ts'
import { isObject } from '../core/json.ts'
import type { OptionSchema, OptionsSchema } from '../core/options.ts'
import { AdminError } from './errors.ts'
import { Fields } from './fields.ts'

/** A body of JSON that is nested more deeply is nobody's. */
const MAX_DEPTH = 64

/** UTF-8 has no place for half of a pair: it would come back as another character. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** A body's bytes as JSON that can be kept and given back as it is; nothing of it is repeated in a refusal. */
export function parseJson(bytes: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new AdminError('invalid_json', 'The body is not valid JSON in UTF-8.')
  }
  checkJson(value)
  return value
}

/** The body as its schema wants it. Every mistake is in the message. None is one without fields. */
export function readBody(schema: OptionsSchema, body: unknown): Fields {
  if (isObject(body)) return check(schema, body)
  if (body === undefined && schema.required.length === 0) return check(schema, {})
  const needs =
    schema.required.length > 0 ? ` with ${schema.required.map((key) => `"${key}"`).join(', ')}` : ''
  throw new AdminError('bad_request', `The body must be a JSON object${needs}.`)
}

/** The query as its schema wants it: numbers and switches are read from their texts. */
export function readQuery(schema: OptionsSchema | undefined, search: URLSearchParams): Fields {
  const values: [string, unknown][] = []
  for (const name of new Set(search.keys())) {
    const all = search.getAll(name)
    const property = Object.hasOwn(schema?.properties ?? {}, name) ? schema?.properties[name] : undefined
    const isList = property?.type === 'array'
    if (all.length > 1 && !isList)
      throw new AdminError('bad_request', 'A parameter of the query is repeated.')
    const read = all.map((text) => readParameter(isList ? property.items : property, text))
    values.push([name, isList ? read : read[0]])
  }
  return check(schema ?? NOTHING, Object.fromEntries(values))
}

const NOTHING: OptionsSchema = { type: 'object', properties: {}, required: [] }

function readParameter(schema: OptionSchema | undefined, text: string): unknown {
  const types = schema ? typesOf(schema) : []
  if (LONE_SURROGATE.test(text)) throw new AdminError('bad_request', 'The query is not valid Unicode.')
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?$/.test(text)) {
    return Number(text)
  }
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function check(schema: OptionsSchema, value: Readonly<Record<string, unknown>>): Fields {
  const context = bareContext()
  const checked = checkValue(schema, { value, path: [] }, context)
  const { problems } = context
  if (problems.length > 0 || !isObject(checked)) throw refuse(problems)
  return new Fields(checked)
}

/** Mistakes as one refusal. */
export function refuse(problems: CheckContext['problems']): AdminError {
  const lines = problems.map(({ path, message }) =>
    path.length > 0 ? `${printPath(path)}: ${message}` : message,
  )
  return new AdminError('bad_request', `${lines.join('; ')}.`)
}

/** What JSON's grammar allows but nothing here could give back equal, or take apart safely. */
function checkJson(root: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next
    if (depth > MAX_DEPTH)
      throw new AdminError('invalid_json', `The body is nested more than ${MAX_DEPTH} deep.`)
    if (typeof value === 'string') checkText(value)
    else if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new AdminError('invalid_json', 'A number of the body is too large.')
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        checkText(key)
        if (key === '__proto__')
          throw new AdminError('invalid_json', 'The body has a key that is not allowed.')
        open.push({ value: item, depth: depth + 1 })
      }
    }
  }
}

function checkText(text: string): void {
  if (LONE_SURROGATE.test(text))
    throw new AdminError('invalid_json', 'A text of the body is not valid Unicode.')
}
