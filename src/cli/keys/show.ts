import { writeRule } from '../../config/write-limit.ts'
import type { IssuedKey } from '../../auth/issue-key.ts'
import type { KeyRow } from '../../core/database.ts'

/** A key as JSON shows it, without its digest. */
export function shown(row: KeyRow): Record<string, unknown> {
  const {
    id,
    name,
    hint,
    user,
    team,
    tags,
    routes,
    limits,
    expiresAt,
    isEnabled,
    previousUntil,
    lastUsedAt,
  } = row
  const times = { expiresAt, previousUntil, lastUsedAt, createdAt: row.createdAt, updatedAt: row.updatedAt }
  const fields = {
    id,
    name,
    hint,
    user,
    team,
    tags,
    routes,
    limits: limits.map(writeRule),
    enabled: isEnabled,
  }
  return {
    ...fields,
    ...Object.fromEntries(Object.entries(times).map(([field, ms]) => [field, toTime(ms)])),
  }
}

/** Print a new key: the key itself on stdout, what there is to say of it on stderr. */
export function printIssued({ key, row }: IssuedKey, { json }: { json: boolean }): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...shown(row), key }, null, 2)}\n`)
    return
  }
  process.stderr.write(`key "${row.name}" (${row.id}); it is shown this once:\n`)
  process.stdout.write(`${key}\n`)
  if (row.previousUntil !== null) {
    process.stderr.write(`the one before is taken until ${new Date(row.previousUntil).toISOString()}\n`)
  }
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
