/**
 * Whether a name is one of those that the globs stand for; `*` is any run of characters. Takes time in proportion to the
 * name, whatever the globs: names come from anybody.
 */
export function matchesAny(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => matches(glob, name))
}

function matches(glob: string, name: string): boolean {
  if (glob === '*') return true
  const [first = '', ...pieces] = glob.split('*')
  const last = pieces.pop()
  if (last === undefined) return glob === name
  if (!name.startsWith(first) || !name.endsWith(last)) return false
  const end = name.length - last.length
  let at = first.length
  for (const piece of pieces) {
    const found = name.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at <= end
}
