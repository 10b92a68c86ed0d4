import type { Command } from 'commander'
import { storeOptions } from '../open-store.ts'
import type { UsageOptions } from './print-usage.ts'
import type { RepriceOptions } from './reprice.ts'

/** `mlflow-gateway usage` and `reprice`: what requests used and cost. */
export function addUsageCommands(program: Command): void {
  storeOptions(program.command('usage'))
    .description('sum up requests, tokens and cost')
    .option(
      '--by <dimensions>',
      'key, user, team, route, target, provider, model, status, error or tag:NAME; several with commas',
    )
    .option('--bucket <time>', 'a row for each hour or day')
    .option('--since <when>', 'from then on: a date, a time, or how long ago, as in 7d', '30d')
    .option('--until <when>', 'up to then')
    .option('--csv', 'print CSV')
    .option('--json', 'print JSON')
    .action(async (options: UsageOptions) => {
      const { printUsage } = await import('./print-usage.ts')
      process.exitCode = await printUsage(options)
    })
  storeOptions(program.command('reprice'))
    .description('work out anew what requests cost, by the prices of today and of the configuration')
    .option('--since <when>', 'those from then on: a date, a time, or how long ago, as in 7d', '30d')
    .option('--until <when>', 'those up to then')
    .option('--dry-run', 'only tell what would change')
    .option('--json', 'print JSON')
    .action(async (options: RepriceOptions) => {
      const { reprice } = await import('./reprice.ts')
      process.exitCode = await reprice(options)
    })
}
