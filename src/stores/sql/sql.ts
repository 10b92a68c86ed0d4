import type { Kysely, Transaction } from 'kysely'
import { DatabaseError } from '../../core/database.ts'
import type { Tables } from './tables.ts'

/** A connected engine. `reader` may be the same as `writer`. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres'
  readonly writer: Kysely<Tables>
  readonly reader: Kysely<Tables>
  /** What became of a statement that failed. */
  readonly explain: (error: unknown) => DatabaseError
}

/** The way to both engines: whatever fails in it is a `DatabaseError`. */
export class Sql {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get engine(): 'sqlite' | 'postgres' {
    return this.#engine.name
  }

  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#guarded(() => work(this.#engine.reader))
  }

  /** All of it or nothing. */
  write<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#guarded(() => this.#engine.writer.transaction().execute(work))
  }

  async close(): Promise<void> {
    const { reader, writer } = this.#engine
    await reader.destroy()
    if (reader !== writer) await writer.destroy()
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw error instanceof DatabaseError ? error : this.#engine.explain(error)
    }
  }
}
