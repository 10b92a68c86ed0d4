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

const POLL_MS = 1000

/** What a configuration is made from: a text, and the secrets and routes of the store, which are followed. */
export class ConfigSource {
  readonly #setup: ConfigSourceSetup
  /** What was read last; it stays when the database cannot be reached. */
  #rows: { readonly secrets: readonly SecretRow[]; readonly routes: readonly RouteRow[] } = NOTHING
  /** The database's number of changes that `#rows` is of, or newer. */
  #changes = -1
  #looking: Promise<boolean> | undefined
  #timer: NodeJS.Timeout | undefined
  #isSilent = false

  constructor(setup: ConfigSourceSetup) {
    this.#setup = setup
  }

  /** A text as a configuration, with what the store had when it was last looked at. */
  async load(text: string): Promise<LoadResult> {
    const loaded = await loadText(text, this.#options())
    return loaded.ok ? withoutUnbuildable(loaded) : loaded
  }

  /** The same of a text that nobody put into the file: modules that it names are not loaded, for loading runs them. */
  check(text: string): LoadResult {
    return parseConfig(text, this.#options())
  }

  #options(): Parameters<typeof loadText>[1] {
    const { path, vault } = this.#setup
    const { secrets, routes } = this.#rows
    return {
      file: path,
      stored: vault.open(secrets),
      routes: routes.map(({ id, version, definition }) => ({ name: id, version, definition })),
    }
  }

  /** Tell of each change of the store's part, until `close`. */
  watch(changed: () => void): void {
    this.#timer = setTimeout(() => {
      void this.look().then((isNew) => {
        if (this.#timer === undefined) return
        if (isNew) changed()
        this.watch(changed)
      })
    }, POLL_MS).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Whether the store has anything new. Never rejects: without the database there is nothing new. */
  look(): Promise<boolean> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #look(): Promise<boolean> {
    const { database, warn } = this.#setup
    try {
      const changes = await database.changes.current(['secret', 'route'])
      if (changes === this.#changes) return false
      const rows = { secrets: await listAll(database.secrets), routes: await listAll(database.routes) }
      const isNew = !isDeepStrictEqual(rows, this.#rows)
      this.#rows = rows
      this.#changes = changes
      this.#isSilent = false
      return isNew
    } catch (error) {
      if (!this.#isSilent)
        warn(`secrets and routes of the store: ${error instanceof Error ? error.message : String(error)}`)
      this.#isSilent = true
      return false
    }
  }
}

const NOTHING = { secrets: [], routes: [] }
