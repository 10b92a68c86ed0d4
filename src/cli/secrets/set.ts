import { text } from 'node:stream/consumers'
import { NO_STORE, resolveSecret } from '../../config/secrets.ts'
import { Secret } from '../../core/secret.ts'
import type { StoreOptions } from '../open-store.ts'
import { EXIT_USAGE } from '../program.ts'
import { askHidden } from './ask-hidden.ts'
import { withVault } from './with-vault.ts'

/** `mlflow-gateway secrets set`. The value is no argument: those can be seen by everybody on the machine. */
export async function setSecret(
  name: string,
  { from, ...options }: StoreOptions & { from?: string },
): Promise<number> {
  const value = await readValue(from)
  if (typeof value === 'string') {
    process.stderr.write(`error: the value ${value}\n`)
    return EXIT_USAGE
  }
  return withVault(options, async (vault, actor) => {
    const { keyId, version } = await vault.set(name, value, actor)
    process.stdout.write(`secret "${name}" is kept, version ${version}, sealed with the key ${keyId}\n`)
    return 0
  })
}

/** Or what is wrong with it. */
async function readValue(from: string | undefined): Promise<Secret | string> {
  if (from === undefined) {
    const given = process.stdin.isTTY
      ? await askHidden('Value (it is not shown): ')
      : await text(process.stdin)
    return new Secret(given.replace(/[\r\n]+$/, ''))
  }
  const found = resolveSecret(from, { env: process.env, stored: NO_STORE, isReference: true })
  return found.ok ? found.secret : `of --from ${found.message}`
}
