import { createRequire } from 'node:module'
import type * as SqliteModule from '@photostructure/sqlite'
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite'

/** What one statement gave. */
export interface SqliteResult {
  rows: unknown[]
  changes: number
}

/** Values as SQLite takes them. */
export type SqliteValue = string | number | bigint | null | Uint8Array

export interface SqliteOptions {
  /** `:memory:` keeps nothing. */
  readonly path: string
  readonly isReadOnly?: boolean
}

/** Statements that are prepared once. Inserts of many rows make long ones, so there are not many. */
const MAX_PREPARED = 200
const BUSY_TIMEOUT_MS = 5000

/** One SQLite database, synchronous. */
export class SqliteConnection {
  readonly #db: DatabaseSyncInstance
  readonly #prepared = new Map<string, StatementSyncInstance>()

  constructor({ path, isReadOnly = false }: SqliteOptions) {
    this.#db = open(path, isReadOnly)
    this.#db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`)
    if (isReadOnly) return
    this.#db.exec('pragma foreign_keys = on')
    if (path === ':memory:') return
    this.#db.exec('pragma journal_mode = wal')
    this.#db.exec('pragma synchronous = normal')
  }

  execute(text: string, parameters: readonly SqliteValue[]): SqliteResult {
    const statement = this.#prepare(text)
    if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 }
    return { rows: [], changes: statement.run(...parameters).changes }
  }

  /**
   * The statement for each of the rows, a JSON array of arrays of values. Gives `{position}` of those that changed
   * something: asking for that with `returning` costs more than the insert itself.
   */
  executeEach(text: string, rowsJson: string): SqliteResult {
    const statement = this.#prepare(text)
    const values: SqliteValue[][] = JSON.parse(rowsJson)
    const rows = values.flatMap((row, position) => {
      const { changes } = statement.run(...row)
      return changes > 0 ? [{ position }] : []
    })
    return { rows, changes: rows.length }
  }

  close(): void {
    this.#prepared.clear()
    this.#db.close()
  }

  #prepare(text: string): StatementSyncInstance {
    const known = this.#prepared.get(text)
    if (known) return known
    if (this.#prepared.size >= MAX_PREPARED) this.#prepared.clear()
    const statement = this.#db.prepare(text)
    this.#prepared.set(text, statement)
    return statement
  }
}

/** Node's own engine where it has one without a flag (22.13), else the package of the same interface. */
function open(path: string, readOnly: boolean): DatabaseSyncInstance {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const hasOwn = major > 22 || (major === 22 && minor >= 13)
  const require = createRequire(import.meta.url)
  const module: typeof SqliteModule = require(hasOwn ? 'node:sqlite' : '@photostructure/sqlite')
  return new module.DatabaseSync(path, { readOnly })
}
