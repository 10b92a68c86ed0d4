import type { Command } from 'commander'
import type { ChatArguments } from './chat.ts'
import { wholeNumber } from './program.ts'
import type { TailArguments } from './tail.ts'

/** Commands that talk with a running gateway. */
export function addTalkCommands(program: Command): void {
  program
    .command('chat [route]')
    .description('talk with a route in the terminal')
    .option('--url <url>', 'where the gateway is', 'http://127.0.0.1:5000')
    .option('--key <key>', 'a key of the gateway (default: $GATEWAY_KEY)')
    .option('--system <text>', 'a system prompt')
    .addHelpText(
      'after',
      `\nExamples:\n  mlflow-gateway chat\n  echo 'Say hello' | mlflow-gateway chat smart --key "$GATEWAY_KEY"`,
    )
    .action(async (route: string | undefined, options: ChatArguments) => {
      const { chat } = await import('./chat.ts')
      const key = options.key ?? process.env['GATEWAY_KEY']
      process.exitCode = await chat(route ?? 'chat', { ...options, ...(key !== undefined && { key }) })
    })
  program
    .command('tail')
    .description('show requests as they end, until Ctrl-C')
    .option('--admin-url <url>', 'where the admin API is', 'http://127.0.0.1:5001')
    .option('--data-dir <directory>', 'where its admin.key is, unless $MLFLOW_GATEWAY_ADMIN_KEY is set')
    .option('--route <name>', 'those of this route')
    .option('-n, --lines <count>', 'how many of before are shown first', wholeNumber(0, 200), 10)
    .option('--json', 'print a line of JSON for each')
    .action(async (options: TailArguments) => {
      const { tail } = await import('./tail.ts')
      process.exitCode = await tail(options)
    })
}
