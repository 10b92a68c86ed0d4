import { DatabaseError } from '../../core/database.ts'

/**
 * Refuse texts that not every engine keeps: with a NUL character, or with half of a surrogate pair. Looks into objects
 * and lists too, names of fields included; `where` is what an error calls the value.
 */
export function mustBeKept(value: unknown, where: string): void {
  if (typeof value === 'string') {
    if (UNKEPT.test(value)) throw new DatabaseError('invalid', `${where}: ${NOT_KEPT}`)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      if (UNKEPT.test(name)) throw new DatabaseError('invalid', `${where}, the name of a field: ${NOT_KEPT}`)
      mustBeKept(part, `${where}.${name}`)
    }
  }
}

/** With the flag `u` a whole pair is one character, so that only halves are found. */
const UNKEPT = /[\0\ud800-\udfff]/u
const NOT_KEPT = 'has a NUL character, or half of a surrogate pair; take it out'
