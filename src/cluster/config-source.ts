import { isDeepStrictEqual } from 'node:util'
import { loadText, type LoadResult, parseConfig } from '../config/load.ts'
import { withoutUnbuildable } from './unbuildable.ts'
import type { Database, RouteRow, SecretRow } from '../core/database.ts'
import { listAll, type Vault } from '../stores/index.ts'

export interface ConfigSourceSetup {
  /** Of the file. */
  readonly path: string
  readonly database: Database
  readonly vault: Vault
  readonly warn: (message: string) => void
}

/** A change of a route that has not been made. */
export interface RoutePreview {
  readonly name: string
  readonly definition: RouteRow['definition'] | undefined
}

const POLL_MS = 1000

/** What a configuration is made from: a text, and the secrets and routes of the store, which are followed. */
export class ConfigSource {
  readonly #setup: ConfigSourceSetup
  /** What was read last; it stays when the database cannot be reached. */
  #rows: { readonly secrets: readonly SecretRow[]; readonly routes: readonly RouteRow[] } = NOTHING
  /** The database's number of changes that `#rows` is of, or newer. */
  #changes = -1
  #looking: Promise<void> | undefined
  /** Of it, something was not told yet. */
  #isNew = false
  #changed: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #isSilent = false

  constructor(setup: ConfigSourceSetup) {
    this.#setup = setup
  }

  /** A text as a configuration, with what the store had when it was last looked at. */
  load(text: string): Promise<LoadResult> {
    return this.#load(text, this.#rows.routes)
  }

  /** The same, as if a route of the store were defined so, or were not there. */
  async preview(text: string, { name, definition }: RoutePreview): Promise<LoadResult> {
    await this.look()
    const others = this.#rows.routes.filter(({ id }) => id !== name)
    const now = { id: name, version: 0, createdAt: 0, updatedAt: 0 }
    return this.#load(text, definition ? [...others, { ...now, definition }] : others)
  }

  /** The same of a text that nobody put into the file: modules that it names are not loaded, for loading runs them. */
  check(text: string): LoadResult {
    return parseConfig(text, this.#options(this.#rows.routes))
  }

  async #load(text: string, routes: readonly RouteRow[]): Promise<LoadResult> {
    const loaded = await loadText(text, this.#options(routes))
    return loaded.ok ? withoutUnbuildable(loaded) : loaded
  }

  #options(routes: readonly RouteRow[]): Parameters<typeof loadText>[1] {
    const { path, vault } = this.#setup
    return {
      file: path,
      stored: vault.open(this.#rows.secrets),
      routes: routes.map(({ id, version, definition }) => ({ name: id, version, definition })),
    }
  }

  /** Tell of each change of the store's part, until `close`. */
  watch(changed: () => void): void {
    this.#changed = changed
    this.#isNew = false
    this.#plan()
  }

  /** Look now, without waiting for the next turn. */
  hurry(): void {
    void this.#turn()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#changed = undefined
  }

  async #turn(): Promise<void> {
    clearTimeout(this.#timer)
    await this.look()
    const changed = this.#changed
    if (!changed) return
    if (this.#isNew) changed()
    this.#isNew = false
    this.#plan()
  }

  #plan(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#turn(), POLL_MS).unref()
  }

  /** Read what is new in the store. Never rejects: without the database there is nothing new. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #look(): Promise<void> {
    const { database, warn } = this.#setup
    try {
      const changes = await database.changes.current(['secret', 'route'])
      if (changes === this.#changes) return
      const rows = { secrets: await listAll(database.secrets), routes: await listAll(database.routes) }
      this.#isNew ||= !isDeepStrictEqual(rows, this.#rows)
      this.#rows = rows
      this.#changes = changes
      this.#isSilent = false
    } catch (error) {
      if (!this.#isSilent)
        warn(`secrets and routes of the store: ${error instanceof Error ? error.message : String(error)}`)
      this.#isSilent = true
    }
  }
}

const NOTHING = { secrets: [], routes: [] }
