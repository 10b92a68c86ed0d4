import type { RouteDesk, SecretDesk } from '../admin/resource.ts'
import type { Catalogue } from '../config/catalogue.ts'
import { DatabaseError } from '../core/database.ts'
import { printIssue } from '../config/issue.ts'
import type { Vault } from '../stores/index.ts'
import type { ConfigSource } from './config-source.ts'

/** What the admin API's desks work on. */
export interface DeskSetup {
  readonly source: ConfigSource
  readonly vault: Vault
  /** Of the configuration in use. */
  readonly catalogue: () => Catalogue
  /** The content of the file that is in use. */
  readonly text: () => string
  /** Rows of routes or secrets may have changed: they are used at once, and not when they are next looked for. */
  readonly changed: () => void
}

export function routeDesk({ source, catalogue, text }: DeskSetup): RouteDesk {
  return {
    list: () => catalogue().routes,
    async preview(name, definition) {
      const loaded = await source.preview(text(), { name, definition })
      if (loaded.ok) return loaded.catalogue.routes
      // It was right when it was loaded: what it names on this machine has changed since.
      const reasons = loaded.issues.map(printIssue).join('; ')
      throw new DatabaseError('invalid', `the file itself cannot be loaded now: ${reasons}`)
    },
  }
}

export function secretDesk({ vault, catalogue }: DeskSetup): SecretDesk {
  return {
    list: () => vault.list(),
    set: (name, value, actor) => vault.set(name, value, actor),
    delete: (name, actor) => vault.delete(name, actor),
    rotate: (actor) => vault.rotate(actor),
    usersOf: (name) => catalogue().uses.get(name) ?? [],
  }
}
