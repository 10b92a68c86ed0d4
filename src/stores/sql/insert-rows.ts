import { CompiledQuery, type Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/** What many rows are put in with. */
export interface Insert<Name extends keyof Tables> {
  readonly table: Name
  /** All of them. */
  readonly columns: readonly (keyof Tables[Name] & string)[]
  /** Names a row for whoever puts it in. */
  readonly key: keyof Tables[Name] & string
  /** What no two rows have in common, where that is more than the key. */
  readonly unique?: readonly (keyof Tables[Name] & string)[]
  /** Are added to a row of the same key that is there already; without any, it is left as it is. */
  readonly sums?: readonly (keyof Tables[Name] & string)[]
}

/** Where they are put in. */
export interface Place {
  readonly trx: Transaction<Tables>
  readonly engine: 'sqlite' | 'postgres'
}

/** The rows of one statement, for an engine that runs it for each of them: JSON, which threads pass on the fastest. */
export class EachRow {
  readonly json: string

  constructor(rows: readonly (readonly unknown[])[]) {
    this.json = JSON.stringify(rows)
  }
}

/** Rows in one statement of Postgres, which bounds the number of values. */
const ROWS = 500

/**
 * Puts in the rows that are not there yet, and gives the keys of those that changed something. The text is written here
 * and not built, which for many rows takes longer than the database does.
 */
export async function insertRows<Name extends keyof Tables>(
  { trx, engine }: Place,
  { table, columns, key, unique = [key], sums = [] }: Insert<Name>,
  rows: readonly Tables[Name][],
): Promise<Set<unknown>> {
  const keys = new Set<unknown>()
  const values = rows.map((row) => columns.map((column) => row[column]))
  const into = `insert into "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) values `
  const added = sums.map((name) => `"${name}" = "${table}"."${name}" + excluded."${name}"`)
  const conflict = `on conflict ${added.length > 0 ? `(${unique.map((name) => `"${name}"`).join(', ')}) do update set ${added.join(', ')}` : 'do nothing'}`
  if (engine === 'sqlite') {
    const text = `${into}(${columns.map(() => '?').join(', ')}) ${conflict}`
    const query: CompiledQuery<{ position: number }> = CompiledQuery.raw(text, [new EachRow(values)])
    for (const { position } of (await trx.executeQuery(query)).rows) keys.add(rows[position]?.[key])
    return keys
  }
  for (let start = 0; start < values.length; start += ROWS) {
    const some = values.slice(start, start + ROWS)
    let count = 0
    const places = some.map((row) => `(${row.map(() => `$${++count}`).join(', ')})`)
    const text = `${into}${places.join(', ')} ${conflict} returning "${key}"`
    const query: CompiledQuery<Tables[Name]> = CompiledQuery.raw(text, some.flat())
    for (const row of (await trx.executeQuery(query)).rows) keys.add(row[key])
  }
  return keys
}
