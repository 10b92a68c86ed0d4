import { readdirSync } from 'node:fs'

/** The names of a directory's cassettes, the oldest first. Throws a `TypeError` that says why there are none. */
export function listCassettes(directory: string): string[] {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    throw new TypeError(explain(error), { cause: error })
  }
  // A file that is being written has a dot in front.
  const cassettes = names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).toSorted()
  if (cassettes.length > 0) return cassettes
  throw new TypeError('it holds no cassette; a route with "record" writes some')
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'ENOENT')
    return 'there is no such directory; a relative path begins where the gateway was started'
  if (code === 'ENOTDIR') return 'it is not a directory; name the one that holds the cassettes'
  if (code === 'EACCES') return 'it cannot be read; check its permissions'
  return `it cannot be read (${String(code)})`
}
