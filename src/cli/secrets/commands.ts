import type { Command } from 'commander'
import { type StoreOptions, storeOptions } from '../open-store.ts'

/** `mlflow-gateway secrets ...`: providers' credentials in the store. */
export function addSecretCommands(program: Command): void {
  const secrets = program
    .command('secrets')
    .description(
      "keep providers' credentials in the store, encrypted; configurations name them as secret:NAME",
    )
  storeOptions(secrets.command('list'))
    .description('list the names, and the keys that they are sealed with; never the values')
    .option('--json', 'print JSON')
    .action(async (options: StoreOptions & { json?: boolean }) => {
      const { listSecrets } = await import('./list.ts')
      process.exitCode = await listSecrets(options)
    })
  storeOptions(secrets.command('set <name>'))
    .description('keep a value under a name; it is read from standard input')
    .option(
      '--from <source>',
      'take the value from there instead: $NAME for an environment variable, or a file',
    )
    .action(async (name: string, options: StoreOptions & { from?: string }) => {
      const { setSecret } = await import('./set.ts')
      process.exitCode = await setSecret(name, options)
    })
  storeOptions(secrets.command('delete <name>'))
    .description('delete one')
    .action(async (name: string, options: StoreOptions) => {
      const { deleteSecret } = await import('./delete.ts')
      process.exitCode = await deleteSecret(name, options)
    })
  storeOptions(secrets.command('rotate'))
    .description('seal all of them with the present $MLFLOW_GATEWAY_ENCRYPTION_KEY')
    .action(async (options: StoreOptions) => {
      const { rotateSecrets } = await import('./rotate.ts')
      process.exitCode = await rotateSecrets(options)
    })
}
