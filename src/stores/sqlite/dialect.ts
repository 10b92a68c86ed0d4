import {
  type CompiledQuery,
  CompiledQuery as Query,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { EachRow } from '../sql/insert-rows.ts'
import type { SqliteResult, SqliteValue } from './connection.ts'

/** A connection, here or in a thread. */
export interface SqliteChannel {
  execute(text: string, parameters: readonly SqliteValue[]): SqliteResult | Promise<SqliteResult>
  executeEach(text: string, rowsJson: string): SqliteResult | Promise<SqliteResult>
  close(): void | Promise<void>
}

/** Kysely over one SQLite connection, which one query or transaction has at a time. */
export class SqliteChannelDialect implements Dialect {
  readonly #channel: SqliteChannel

  constructor(channel: SqliteChannel) {
    this.#channel = channel
  }

  createDriver(): Driver {
    return new ChannelDriver(this.#channel)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

class ChannelDriver implements Driver {
  readonly #channel: SqliteChannel
  readonly #connection: ChannelConnection
  #free: Promise<void> = Promise.resolve()
  #release: () => void = () => undefined

  constructor(channel: SqliteChannel) {
    this.#channel = channel
    this.#connection = new ChannelConnection(channel)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free
    let release = this.#release
    this.#free = new Promise((resolve) => (release = resolve))
    await before
    this.#release = release
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    this.#release()
  }

  /** Immediate: a transaction that would have to become a writer later could fail in the middle. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Query.raw('begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Query.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Query.raw('rollback'))
  }

  async destroy(): Promise<void> {
    await this.#free
    await this.#channel.close()
  }
}

class ChannelConnection implements DatabaseConnection {
  readonly #channel: SqliteChannel

  constructor(channel: SqliteChannel) {
    this.#channel = channel
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const [first] = parameters
    const { rows, changes } = await (first instanceof EachRow
      ? this.#channel.executeEach(sql, first.json)
      : this.#channel.execute(sql, parameters.map(toValue)))
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) }
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('Pages are read, not streams.')
  }
}

function toValue(value: unknown): SqliteValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value
  if (value instanceof Uint8Array) return value
  throw new TypeError(`SQLite takes no ${typeof value}.`)
}
