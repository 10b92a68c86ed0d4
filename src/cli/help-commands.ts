import { Argument, type Command } from 'commander'
import type { DoctorArguments } from './doctor/doctor.ts'
import type { InitArguments } from './init.ts'
import { wholeNumber } from './program.ts'

/** Commands that help to begin. */
export function addHelpCommands(program: Command): void {
  program
    .command('init [file]')
    .description('write a commented configuration, after a few questions')
    .option('--provider <name>', 'who serves the model')
    .option('--model <name>', 'the model, as the provider calls it')
    .option('--route <name>', 'what clients name as their model')
    .option('--auth', 'callers need a key of the gateway')
    .option('--force', 'also when the file is there already')
    .action(async (file: string | undefined, options: InitArguments) => {
      const { init } = await import('./init.ts')
      process.exitCode = await init(file ?? 'gateway.yaml', options)
    })
  program
    .command('doctor')
    .description('look for what could keep the gateway from working here, and say how to mend it')
    .option('-c, --config-path <file>', 'the YAML file with the routes (default: $MLFLOW_GATEWAY_CONFIG)')
    .option('--data-dir <directory>', "the gateway's data directory")
    .option('--host <host>', 'the address that it is to listen on', '127.0.0.1')
    .option('-p, --port <port>', 'the port that it is to listen on', wholeNumber(1, 65_535), 5000)
    .option('--offline', 'ask no provider whether it takes its key')
    .option('--json', 'print JSON')
    .action(async (options: DoctorArguments) => {
      const { doctor } = await import('./doctor/doctor.ts')
      process.exitCode = await doctor(options)
    })
  program
    .command('import')
    .description(
      "turn another gateway's configuration into one of this, and list what could not be carried over",
    )
    .addArgument(
      new Argument('<gateway>', 'whose it is').choices(['litellm', 'mlflow', 'portkey', 'bifrost']),
    )
    .argument('<file>', 'its configuration')
    .option('--json', 'print both as JSON')
    .addHelpText('after', '\nExample:\n  mlflow-gateway import litellm config.yaml > gateway.yaml')
    .action(async (gateway: string, file: string, options: { json?: boolean }) => {
      const { importConfig } = await import('./import/import.ts')
      process.exitCode = await importConfig(gateway, file, options)
    })
  program
    .command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nExample:\n  source <(mlflow-gateway completion bash)')
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('./completion.ts')
      process.stdout.write(completionScript(program, shell))
    })
}
