import { DatabaseError, type Page } from '../../core/database.ts'

/** Where a page ended, as text for its caller. */
export function writeCursor(at: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url')
}

/** The place that `writeCursor` wrote, if it is one of `length` parts. */
export function readCursor(text: string, length: number): readonly (string | number)[] {
  const parts = parse(text)
  if (Array.isArray(parts) && parts.length === length && parts.every(isPart)) return parts
  throw new DatabaseError('invalid', 'the cursor is not one that a page gave')
}

/** A page of at most `limit` of `rows`, of which one more was asked for. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => readonly (string | number)[],
): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { rows: shown, ...(rows.length > limit && last && { next: writeCursor(placeOf(last)) }) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

function isPart(part: unknown): part is string | number {
  return typeof part === 'string' || typeof part === 'number'
}
