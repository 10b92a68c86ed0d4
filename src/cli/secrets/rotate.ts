import type { StoreOptions } from '../open-store.ts'
import { withVault } from './with-vault.ts'

/** `mlflow-gateway secrets rotate`. It may be done as often as one likes. Exit code 1 when some are left as they are. */
export function rotateSecrets(options: StoreOptions): Promise<number> {
  return withVault(options, async (vault, actor) => {
    const { sealedAnew, unchanged, closed } = await vault.rotate(actor)
    process.stdout.write(
      `sealed anew: ${sealedAnew.length}, already with the present key: ${unchanged.length}\n`,
    )
    for (const { name, problem } of closed) process.stderr.write(`the secret "${name}" ${problem}\n`)
    return closed.length === 0 ? 0 : 1
  })
}
