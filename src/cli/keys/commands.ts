import type { Command } from 'commander'
import { storeOptions, type StoreOptions } from '../open-store.ts'
import { LIMIT_EXAMPLES } from './read-limit.ts'
import type { CreateOptions } from './create.ts'

/** `mlflow-gateway keys ...`: virtual keys in the store. */
export function addKeyCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('make and withdraw the keys that callers use; a running gateway follows at once')
  storeOptions(keys.command('create <name>'))
    .description('make a key, and print it this once')
    .option('--user <id>', 'whose it is')
    .option('--team <id>', "whose budget it uses; the user's team when left out")
    .option('--tag <name=value>', 'a label for limits and reports; may be repeated', collect, [])
    .option('--route <glob>', 'a route that it may call, "*" for any text; may be repeated', collect, [])
    .option('--limit <words>', `a limit or budget, as in ${LIMIT_EXAMPLES}; may be repeated`, collect, [])
    .option('--expires <when>', 'until when it is good: a date, a time, or how long from now, as in 90d')
    .option('--json', 'print JSON')
    .action(async (name: string, options: CreateOptions) => {
      const { createKey } = await import('./create.ts')
      process.exitCode = await createKey(name, options)
    })
  storeOptions(keys.command('list'))
    .description('list the keys, without the keys themselves')
    .option('--user <id>', 'those of this user')
    .option('--team <id>', 'those of this team')
    .option('--json', 'print JSON')
    .action(async (options: StoreOptions & { user?: string; team?: string; json?: boolean }) => {
      const { listKeys } = await import('./list.ts')
      process.exitCode = await listKeys(options)
    })
  storeOptions(keys.command('rotate <key>'))
    .description('replace the key of this id or name, and print the new one this once')
    .option('--grace <duration>', 'for how long the old one is taken yet; 0 for no longer', '24h')
    .option('--json', 'print JSON')
    .action(async (which: string, options: StoreOptions & { grace: string; json?: boolean }) => {
      const { replaceKey } = await import('./rotate.ts')
      process.exitCode = await replaceKey(which, options)
    })
  storeOptions(keys.command('revoke <key>'))
    .description('refuse the key of this id or name from now on')
    .option('--delete', 'forget it too')
    .option('--json', 'print JSON')
    .action(async (which: string, options: StoreOptions & { delete?: boolean; json?: boolean }) => {
      const { revokeKey } = await import('./revoke.ts')
      process.exitCode = await revokeKey(which, options)
    })
}

function collect(one: string, several: readonly string[]): string[] {
  return [...several, one]
}
