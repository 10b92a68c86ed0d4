/** A schema as far as completion reads it: draft-07. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly then?: Schema
  readonly definitions?: Readonly<Record<string, Schema>>
}

export interface Suggestion {
  readonly label: string
  readonly about?: string
}

/** What may stand at a place of a YAML text in block style, and where it begins. */
export interface Suggestions {
  readonly from: number
  readonly suggestions: readonly Suggestion[]
}

/** Keys of the mapping in which the cursor is, or values of the key before it; none within `{}` or `[]`. */
export function completionsAt(schema: Schema, text: string, cursor: number): Suggestions | undefined {
  const start = text.lastIndexOf('\n', cursor - 1) + 1
  const before = text.slice(start, cursor)
  const above = text.slice(0, start).split('\n').slice(0, -1)
  const value = /^(\s*(?:- )*)([\w.-]+):\s+([\w./-]*)$/.exec(before)
  if (value) {
    const [, lead = '', key = '', word = ''] = value
    const found = follow(schema, [...pathOf(above, lead), key], schema)
    return { from: cursor - word.length, suggestions: valuesOf(found) }
  }
  const name = /^(\s*(?:- )*)([\w.-]*)$/.exec(before)
  if (!name) return undefined
  const [, lead = '', word = ''] = name
  const path = pathOf(above, lead)
  const known = new Map(
    follow(schema, path, schema).flatMap(({ properties = {} }) => Object.entries(properties)),
  )
  const suggestions = [...known].map(([label, { description = '' }]) => ({ label, about: description }))
  return { from: cursor - word.length, suggestions }
}

/** The keys around a line, the outermost first; `[]` is an item of a list. */
function pathOf(above: readonly string[], lead: string): string[] {
  const path: string[] = []
  let indent = lead.length
  if (lead.includes('- ')) {
    indent = lead.indexOf('- ')
    path.unshift('[]')
  }
  for (const line of above.toReversed()) {
    const [, space = '', dash = '', key] = /^(\s*)((?:- )*)(?:([\w.-]+):)?/.exec(line) ?? []
    if (/^\s*(?:#.*)?$/.test(line)) continue
    const at = space.length + dash.length
    if (dash !== '' && at === indent && path[0] !== '[]') {
      // The first key of the item that the cursor is in.
      path.unshift('[]')
      indent = space.length
    } else if (key !== undefined && (at < indent || (path[0] === '[]' && at === indent && dash === ''))) {
      path.unshift(key)
      indent = at
      if (dash !== '') {
        path.unshift('[]')
        indent = space.length
      }
    }
  }
  return path
}

/** All schemas that may hold at a path. */
function follow(schema: Schema, path: readonly string[], root: Schema): Schema[] {
  let found = branchesOf(schema, root)
  for (const step of path) {
    found = found
      .flatMap(({ properties, items }) => (step === '[]' ? (items ?? []) : (properties?.[step] ?? [])))
      .flatMap((next) => branchesOf(next, root))
  }
  return found
}

/** A schema and all of its alternatives. */
function branchesOf(schema: Schema, root: Schema, depth = 0): Schema[] {
  if (depth > MOST_DEPTH) return []
  const { $ref, anyOf = [], oneOf = [], allOf = [], then } = schema
  const name = /^#\/definitions\/(.+)$/.exec($ref ?? '')?.[1]
  const target = name === undefined ? undefined : root.definitions?.[name]
  const others = [...anyOf, ...oneOf, ...allOf, ...(then ? [then] : []), ...(target ? [target] : [])]
  return [schema, ...others.flatMap((other) => branchesOf(other, root, depth + 1))]
}

const MOST_DEPTH = 8

function valuesOf(schemas: readonly Schema[]): Suggestion[] {
  const values = schemas.flatMap((schema) => [
    ...(schema.enum ?? []),
    ...(schema.const === undefined ? [] : [schema.const]),
    ...(schema.type === 'boolean' ? [true, false] : []),
  ])
  return [...new Set(values.map(String))].map((label) => ({ label }))
}
