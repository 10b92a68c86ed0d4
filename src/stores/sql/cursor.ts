import { DatabaseError, type Page } from '../../core/database.ts'
import { mustBeKept } from './texts.ts'

interface Parts {
  readonly string: string
  readonly number: number
}

type Place<Kinds extends readonly (keyof Parts)[]> = { -readonly [Index in keyof Kinds]: Parts[Kinds[Index]] }

/** The place that a page gave as `next`, if its parts are of these kinds. */
export function readCursor<const Kinds extends readonly (keyof Parts)[]>(
  text: string,
  kinds: Kinds,
): Place<Kinds> {
  const place = parse(text)
  if (isPlace(place, kinds)) return place
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

/** Where a page ended, as text for its caller. */
function writeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function parse(text: string): unknown {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    mustBeKept(place, 'cursor')
    return place
  } catch {
    return undefined
  }
}

function isPlace<Kinds extends readonly (keyof Parts)[]>(
  place: unknown,
  kinds: Kinds,
): place is Place<Kinds> {
  return (
    Array.isArray(place) &&
    place.length === kinds.length &&
    place.every((part, index) => typeof part === kinds[index])
  )
}
