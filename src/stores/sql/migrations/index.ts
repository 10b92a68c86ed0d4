import type { Kysely } from 'kysely'
import { first } from './0001-first.ts'
import { limits } from './0002-limits.ts'

export interface Migration {
  readonly name: string
  readonly up: (db: Kysely<never>, engine: 'sqlite' | 'postgres') => Promise<void>
}

/** In their order. Only ever added to: one that was released is never changed. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-first', up: first },
  { name: '0002-limits', up: limits },
]
