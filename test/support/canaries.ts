import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A text that stands nowhere else, to be looked for where it must not be. */
export function newCanary(role: string): string {
  return `CANARY-${role}-${randomBytes(15).toString('hex')}`
}

/** Every spelling under which a text may have got somewhere. */
function spellingsOf(canary: string): Buffer[] {
  const bytes = Buffer.from(canary)
  // In base64 a text looks different by where it begins; the characters at its ends depend on what is around it.
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift + 1, -4),
  )
  return [canary, bytes.toString('hex'), encodeURIComponent(canary), ...inBase64].map((text) =>
    Buffer.from(text),
  )
}

/** Where one of the canaries stands, among texts by name. */
export function findCanaries(
  canaries: readonly string[],
  texts: ReadonlyMap<string, Buffer | string>,
): string[] {
  const spellings = canaries.flatMap(spellingsOf)
  return [...texts].flatMap(([name, text]) => {
    const bytes = Buffer.from(text)
    return spellings.some((spelling) => bytes.includes(spelling)) ? [name] : []
  })
}

/** All files of a directory, by path; some may go while they are read. */
export function filesOf(directory: string): Map<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.flatMap((path) => readIfThere(path)))
}

function readIfThere(path: string): [string, Buffer][] {
  try {
    return [[path, readFileSync(path)]]
  } catch (error) {
    if (existsSync(path)) throw error
    return []
  }
}
