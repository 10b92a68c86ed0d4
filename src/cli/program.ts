import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { ExplainArguments } from './explain.ts'
import type { StatusArguments } from './status.ts'
import type { ReplayArguments } from './replay.ts'
import { packageVersion } from '../http/package-file.ts'
import { addKeyCommands } from './keys/commands.ts'
import { addSecretCommands } from './secrets/commands.ts'
import { addHelpCommands } from './help-commands.ts'
import { addTalkCommands } from './talk-commands.ts'
import { addUsageCommands } from './usage/commands.ts'

/** Exit code of a command that was called wrongly, or with a configuration that is wrong. */
export const EXIT_USAGE = 2

/** Run the `mlflow-gateway` command. Each subcommand's code is loaded only when it is called. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('mlflow-gateway')
    .description('One service in front of every LLM provider.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(add --help for the options)')
  program
    .command('start')
    .description('serve the routes of a configuration file; without one, what is found in the environment')
    .addHelpText('after', START_EXAMPLES)
    .option('-c, --config-path <file>', 'the YAML file with the routes (default: $MLFLOW_GATEWAY_CONFIG)')
    .addOption(
      new Option('--host <host>', 'the address to listen on').env('MLFLOW_GATEWAY_HOST').default('127.0.0.1'),
    )
    .addOption(
      new Option('-p, --port <port>', 'the port to listen on; 0 picks a free one')
        .env('MLFLOW_GATEWAY_PORT')
        .argParser(wholeNumber(0, 65_535))
        .default(5000),
    )
    .option('-w, --workers <count>', 'how many worker processes answer requests', wholeNumber(1, 256), 2)
    .option('--data-dir <directory>', 'where keys and usage are kept; "none" keeps nothing on disk')
    .option('--allow-unauthenticated', 'let anybody in on other addresses than loopback, with "auth: none"')
    .option('--quickstart', 'without a configuration, serve the built-in example, whatever is found')
    .action(async (options: StartArguments) => {
      const { start } = await import('./start.ts')
      await start(options)
    })
  program
    .command('validate <file>')
    .description('check a configuration file and name every mistake in it')
    .action(async (file: string) => {
      const { validate } = await import('./validate.ts')
      process.exitCode = await validate(file)
    })
  program
    .command('schema')
    .description('print the JSON Schema of the configuration, for editors')
    .action(async () => {
      const { printSchema } = await import('./schema.ts')
      printSchema()
    })
  program
    .command('replay <directory>')
    .description('send recorded requests through a route once more, and compare')
    .option('-c, --config-path <file>', 'the YAML file with the routes (default: $MLFLOW_GATEWAY_CONFIG)')
    .requiredOption('--route <name>', 'the route that gets the requests')
    .option('--concurrency <count>', 'how many requests at a time', wholeNumber(1, 256), 4)
    .option('--json <file>', 'write all figures, and no texts, to a file')
    .action(async (directory: string, options: ReplayOptions, command: Command) => {
      const { configPath = process.env['MLFLOW_GATEWAY_CONFIG'], ...others } = options
      if (configPath === undefined || configPath === '') {
        command.error(
          "error: option '-c, --config-path <file>' is missing, and MLFLOW_GATEWAY_CONFIG is not set",
        )
      }
      const { replay } = await import('./replay.ts')
      process.exitCode = await replay(directory, { ...others, configPath })
    })
  program
    .command('explain')
    .description('tell what would become of a request, without sending it')
    .option('-c, --config-path <file>', 'the YAML file with the routes (default: $MLFLOW_GATEWAY_CONFIG)')
    .requiredOption('--route <name>', 'the route that the request is for')
    .requiredOption('--request <file>', 'the JSON body of the request; - for standard input')
    .option('--dialect <name>', 'the API that the body is of (default: openai)')
    .option('--header <line>', "a header of the request, as in 'x-tier: free'; may be repeated", collect, [])
    .option('--key <key>', "the caller's credential: $NAME, a file, or the text; it is never printed")
    .option('--json', 'print JSON')
    .action(async (options: ExplainArguments) => {
      const { explainRequest } = await import('./explain.ts')
      process.exitCode = await explainRequest(options)
    })
  addKeyCommands(program)
  addSecretCommands(program)
  addUsageCommands(program)
  program
    .command('status')
    .description('tell how the running gateway is: its configuration, routes and their health')
    .option('--admin-url <url>', 'where its admin API is', 'http://127.0.0.1:5001')
    .option('--data-dir <directory>', 'where its admin.key is, unless $MLFLOW_GATEWAY_ADMIN_KEY is set')
    .option('--json', 'print JSON')
    .action(async (options: StatusArguments) => {
      const { printStatus } = await import('./status.ts')
      process.exitCode = await printStatus(options)
    })
  addTalkCommands(program)
  addHelpCommands(program)
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE
  }
}

const START_EXAMPLES = `
Examples:
  mlflow-gateway start                                 what is found: provider keys, a local Ollama, else a mock
  mlflow-gateway start -c gateway.yaml                 the routes of a file, which is followed
  mlflow-gateway start -c gateway.yaml --host 0.0.0.0  for other machines; the file has to say "auth: required"`

export interface StartArguments {
  configPath?: string
  host: string
  port: number
  workers: number
  dataDir?: string
  allowUnauthenticated?: boolean
  quickstart?: boolean
}

type ReplayOptions = Omit<ReplayArguments, 'configPath'> & { configPath?: string }

function collect(line: string, lines: readonly string[]): string[] {
  return [...lines, line]
}

/** Reads an option that is a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`)
  }
}
