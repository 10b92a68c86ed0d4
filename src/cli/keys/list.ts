import type { KeyRow } from '../../core/database.ts'
import { listAll } from '../../stores/index.ts'
import type { StoreOptions } from '../open-store.ts'
import { table } from '../table.ts'
import { withStore } from '../with-store.ts'
import { shown } from './show.ts'

interface ListOptions extends StoreOptions {
  readonly user?: string
  readonly team?: string
  readonly json?: boolean
}

/** `mlflow-gateway keys list`. */
export function listKeys({ user, team, json = false, ...store }: ListOptions): Promise<number> {
  return withStore(store, async ({ keys }) => {
    const all = await listAll(keys)
    const listed = all.filter(
      (key) => (user === undefined || key.user === user) && (team === undefined || key.team === team),
    )
    if (json) process.stdout.write(`${JSON.stringify(listed.map(shown), null, 2)}\n`)
    else process.stdout.write(listed.length === 0 ? 'no keys\n' : table(rowsOf(listed, Date.now())))
    return 0
  })
}

function rowsOf(keys: readonly KeyRow[], now: number): string[][] {
  return [
    ['ID', 'NAME', 'KEY', 'USER', 'TEAM', 'ROUTES', 'LAST USED', 'STATE'],
    ...keys.map((key) => {
      const { id, name, hint, user, team, routes, lastUsedAt } = key
      const used =
        lastUsedAt === null ? '-' : new Date(lastUsedAt).toISOString().slice(0, 16).replace('T', ' ')
      return [id, name, hint, user ?? '-', team ?? '-', routes.join(','), used, stateOf(key, now)]
    }),
  ]
}

function stateOf({ isEnabled, expiresAt }: KeyRow, now: number): string {
  if (!isEnabled) return 'revoked'
  if (expiresAt === null) return 'good'
  const day = new Date(expiresAt).toISOString().slice(0, 10)
  return expiresAt <= now ? `expired ${day}` : `good until ${day}`
}
