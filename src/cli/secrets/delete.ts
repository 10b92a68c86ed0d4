import type { StoreOptions } from '../open-store.ts'
import { withVault } from './with-vault.ts'

/** `mlflow-gateway secrets delete`. Exit code 1 when there was none. */
export function deleteSecret(name: string, options: StoreOptions): Promise<number> {
  return withVault(options, async (vault, actor) => {
    const isGone = await vault.delete(name, actor)
    process.stdout.write(isGone ? `secret "${name}" is deleted\n` : `there is no secret "${name}"\n`)
    return isGone ? 0 : 1
  })
}
