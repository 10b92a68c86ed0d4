import type { StoreOptions } from '../open-store.ts'
import { table } from '../table.ts'
import { withVault } from './with-vault.ts'

/** `mlflow-gateway secrets list`. Exit code 1 when there are some that no key opens. */
export function listSecrets({
  json = false,
  ...options
}: StoreOptions & { json?: boolean }): Promise<number> {
  return withVault(options, async (vault) => {
    const listed = (await vault.list()).map(({ row, problem }) => ({
      name: row.id,
      keyId: row.keyId,
      version: row.version,
      updatedAt: new Date(row.updatedAt).toISOString(),
      problem: problem ?? null,
    }))
    if (json) process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`)
    else process.stdout.write(listed.length === 0 ? 'no secrets\n' : table(rowsOf(listed)))
    return listed.some(({ problem }) => problem !== null) ? 1 : 0
  })
}

interface Listed {
  readonly name: string
  readonly keyId: string
  readonly version: number
  readonly updatedAt: string
  readonly problem: string | null
}

function rowsOf(listed: readonly Listed[]): string[][] {
  return [
    ['NAME', 'KEY', 'VERSION', 'UPDATED', ''],
    ...listed.map(({ name, keyId, version, updatedAt, problem }) => [
      name,
      keyId,
      String(version),
      updatedAt.slice(0, 19).replace('T', ' '),
      problem ?? '',
    ]),
  ]
}
