import type { Kysely, Transaction } from 'kysely'
import { DatabaseError, type DatabaseState } from '../../core/database.ts'
import type { Tables } from './tables.ts'

/** A connected engine. `reader` may be the same as `writer`. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres'
  readonly writer: Kysely<Tables>
  readonly reader: Kysely<Tables>
  /** What became of a statement that failed. */
  readonly explain: (error: unknown) => DatabaseError
  /** Whether a transaction that failed so is to be tried again, from its beginning. */
  readonly mayRetry?: (error: unknown) => boolean
}

const TRIES = 5

/** The way to both engines: whatever fails in it is a `DatabaseError`. */
export class Sql {
  readonly #engine: Engine
  readonly #listeners: ((state: DatabaseState) => void)[] = []
  #state: DatabaseState = { isUp: true, since: Date.now() }
  /** The schema is not today's yet. */
  #isHeld = false
  #isClosed = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get engine(): 'sqlite' | 'postgres' {
    return this.#engine.name
  }

  get state(): DatabaseState {
    return this.#state
  }

  whenStateChanges(listener: (state: DatabaseState) => void): void {
    this.#listeners.push(listener)
    if (!this.#state.isUp) listener(this.#state)
  }

  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#guarded(() => work(this.#engine.reader))
  }

  /** All of it or nothing. Done again when it gave way to another transaction: `work` has no other effects. */
  write<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#guarded(() => this.#transaction(work))
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** From now on nothing is asked of the database but by `prepare`; everything else is `unavailable`. */
  hold(): void {
    this.#isHeld = true
  }

  /** A transaction that makes the database usable: also while everything is held, which is over when it is done. */
  async prepare(work: (trx: Transaction<Tables>) => Promise<void>): Promise<void> {
    try {
      await this.#transaction(work)
    } catch (error) {
      const explained = this.#explain(error)
      this.#tellProblem(explained)
      throw explained
    }
    this.#isHeld = false
    this.#tellUp()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const { reader, writer } = this.#engine
    await reader.destroy()
    if (reader !== writer) await writer.destroy()
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isHeld) throw new DatabaseError('unavailable', this.#state.problem ?? 'it is not ready yet')
    try {
      const result = await work()
      this.#tellUp()
      return result
    } catch (error) {
      const explained = this.#explain(error)
      if (explained.kind === 'unavailable') this.#tellProblem(explained)
      throw explained
    }
  }

  async #transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#engine.writer.transaction().execute(work)
      } catch (error) {
        if (tries === TRIES || !this.#engine.mayRetry?.(error)) throw error
      }
    }
  }

  #explain(error: unknown): DatabaseError {
    return error instanceof DatabaseError ? error : this.#engine.explain(error)
  }

  #tellUp(): void {
    if (!this.#state.isUp) this.#tell({ isUp: true, since: Date.now() })
  }

  #tellProblem({ message: problem }: DatabaseError): void {
    if (this.#state.isUp) this.#tell({ isUp: false, since: Date.now(), problem })
    else this.#state = { ...this.#state, problem }
  }

  #tell(state: DatabaseState): void {
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }
}
