import { type Audit, type Database, DatabaseError, type KeyRow } from '../../core/database.ts'
import type { StoreOptions } from '../open-store.ts'
import { withStore } from '../with-store.ts'
import { findKey } from './find-key.ts'
import { shown } from './show.ts'

interface RevokeOptions extends StoreOptions {
  readonly delete?: boolean
  readonly json?: boolean
}

/** `mlflow-gateway keys revoke`. What is kept of the key stays for reports, unless it is to be deleted. */
export function revokeKey(
  which: string,
  { delete: isToGo = false, json = false, ...store }: RevokeOptions,
): Promise<number> {
  return withStore(store, async (database, actor) => {
    const key = await findKey(database, which)
    const after = isToGo
      ? await forget(database, key, { actor, action: 'key.delete' })
      : await refuse(database, key, { actor, action: 'key.revoke' })
    if (json) process.stdout.write(`${JSON.stringify(shown(after), null, 2)}\n`)
    else process.stdout.write(`key "${key.name}" (${key.id}) is ${isToGo ? 'deleted' : 'revoked'}\n`)
    return 0
  })
}

/** Whatever others do to the key at the same time. */
async function refuse({ keys }: Database, key: KeyRow, audit: Audit): Promise<KeyRow> {
  const changes = { isEnabled: false, previousDigest: null, previousUntil: null }
  for (let row: KeyRow | undefined = key; row; row = await keys.get(key.id)) {
    try {
      return (await keys.update(row, changes, audit)) ?? key
    } catch (error) {
      if (!(error instanceof DatabaseError && error.kind === 'stale')) throw error
    }
  }
  return key
}

async function forget({ keys }: Database, key: KeyRow, audit: Audit): Promise<KeyRow> {
  await keys.delete({ id: key.id }, audit)
  return { ...key, isEnabled: false }
}
