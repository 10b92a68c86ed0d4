import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirectory } from '../../cluster/data.ts'
import { exposureProblem } from '../../cluster/exposure.ts'
import { printIssue } from '../../config/issue.ts'
import { loadConfig } from '../../config/load.ts'
import { type GatewayConfig, modelsOf } from '../../config/schema.ts'
import { NOT_READ } from '../../config/secrets.ts'
import { openStore } from '../open-store.ts'
import type { Check } from './check.ts'
import { checkKeys } from './check-keys.ts'
import { checkDirectory, checkNode, checkPort } from './check-machine.ts'

export interface DoctorArguments {
  readonly configPath?: string
  readonly dataDir?: string
  readonly host: string
  readonly port: number
  readonly offline?: boolean
  readonly json?: boolean
}

/** `mlflow-gateway doctor`: what could keep the gateway from working here, and how to mend it. Exit code 1: something does. */
export async function doctor(options: DoctorArguments): Promise<number> {
  const checks: Check[] = [checkNode()]
  const config = await readConfig(options, checks)
  const admin = config?.server.admin
  const directory = dataDirectory({
    directory: options.dataDir,
    server: config?.server ?? {},
    environment: process.env,
  })
  checks.push(
    checkDirectory(directory),
    await checkStore(options, isThere(directory, config)),
    await checkPort(options.port, options.host),
    await checkPort(admin?.port ?? options.port + 1, admin?.host ?? '127.0.0.1'),
  )
  if (config) {
    const exposure = exposureProblem(config.auth, { host: options.host, allowUnauthenticated: false })
    if (exposure !== undefined) checks.push({ name: 'who may call', state: 'failed', seen: exposure })
    if (!options.offline) checks.push(...(await checkKeys(modelsOf(config.routes))))
  }
  process.stdout.write(options.json ? `${JSON.stringify(checks, null, 2)}\n` : checks.map(lineOf).join(''))
  return checks.some(({ state }) => state === 'failed') ? 1 : 0
}

async function readConfig(
  { configPath = process.env['MLFLOW_GATEWAY_CONFIG'] }: DoctorArguments,
  checks: Check[],
): Promise<GatewayConfig | undefined> {
  const name = 'configuration'
  if (!configPath) {
    const fix = 'name one with --config-path; "mlflow-gateway init" writes one'
    checks.push({
      name,
      state: 'warning',
      seen: 'none is named: what is found in the environment is served',
      fix,
    })
    return undefined
  }
  const loaded = await loadConfig(configPath, { stored: NOT_READ })
  if (loaded.ok) {
    checks.push({ name, state: 'ok', seen: `${configPath} has ${loaded.config.routes.length} routes` })
    return loaded.config
  }
  const fix = 'mend it there; the guide is docs/guide/configuration.md'
  checks.push(
    ...loaded.issues.map((issue): Check => ({ name, state: 'failed', seen: printIssue(issue), fix })),
  )
  return undefined
}

/** Whether there is a database already: looking makes none. */
function isThere(directory: string | undefined, config: GatewayConfig | undefined): boolean {
  if (config?.server.databaseUrl || process.env['DATABASE_URL']) return true
  return directory !== undefined && existsSync(join(directory, 'gateway.sqlite'))
}

async function checkStore(options: DoctorArguments, isThere: boolean): Promise<Check> {
  const name = 'database'
  if (!isThere) return { name, state: 'ok', seen: 'there is none yet; the gateway makes it' }
  try {
    const { database } = await openStore(options)
    const { engine } = database
    await database.close()
    return { name, state: 'ok', seen: `${engine} can be opened` }
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error)
    return { name, state: 'failed', seen, fix: 'see docs/guide/storage.md' }
  }
}

const SIGNS = { ok: 'ok  ', warning: 'note', failed: 'FAIL' } as const

function lineOf({ name, state, seen, fix }: Check): string {
  return `${SIGNS[state]}  ${name}: ${seen}\n${fix === undefined ? '' : `      ${fix}\n`}`
}
