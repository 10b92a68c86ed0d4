import type { Command } from 'commander'
import { type Beside, openDatabaseBeside } from '../cluster/data.ts'
import { printIssue } from '../config/issue.ts'
import { loadConfig } from '../config/load.ts'
import { NOT_READ } from '../config/secrets.ts'

/** The options of commands that work on what a gateway keeps. */
export interface StoreOptions {
  /** Where it is may stand in the configuration. */
  readonly configPath?: string
  readonly dataDir?: string
}

/** The database of the gateway that is started with the same options. Rejects with what is to be done, in a sentence. */
export async function openStore({ configPath, dataDir }: StoreOptions): Promise<Beside> {
  const file = configPath ?? process.env['MLFLOW_GATEWAY_CONFIG']
  const loaded = file ? await loadConfig(file, { stored: NOT_READ }) : undefined
  if (loaded && !loaded.ok) throw new Error(loaded.issues.map(printIssue).join('\n'))
  return openDatabaseBeside({
    directory: dataDir,
    server: loaded?.config.server ?? {},
    environment: process.env,
  })
}

/** Give a command the options that say where the store is. */
export function storeOptions(command: Command): Command {
  return command
    .option('-c, --config-path <file>', 'the configuration, if it says where the store is')
    .option('--data-dir <directory>', "the gateway's data directory (default: ~/.mlflow-gateway)")
}
