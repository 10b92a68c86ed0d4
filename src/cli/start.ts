import { pino } from 'pino'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepEncryptionKey } from '../cluster/encryption-key.ts'
import { exposureProblem } from '../cluster/exposure.ts'
import { freePort } from '../cluster/free-port.ts'
import { dataDirectory, openData } from '../cluster/data.ts'
import { KeyDesk } from '../cluster/key-desk.ts'
import { startPrimary } from '../cluster/primary.ts'
import { ConfigSource } from '../cluster/config-source.ts'
import { routeIssues } from '../config/catalogue.ts'
import { type FileIssue, printIssue } from '../config/issue.ts'
import { loadConfig } from '../config/load.ts'
import { NOT_READ } from '../config/secrets.ts'
import { takeKeyring, Vault } from '../stores/index.ts'
import { banner } from './banner.ts'
import { findRoutes } from './found/find-routes.ts'
import { foundConfig, keepConfig } from './found/write-found.ts'
import { EXIT_USAGE, type StartArguments } from './program.ts'

/** `mlflow-gateway start`. */
export async function start(options: StartArguments): Promise<void> {
  const problem = logLevelProblem(process.env['LOG_LEVEL'])
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`)
    process.exitCode = EXIT_USAGE
    return
  }
  const configPath = await choosePath(options)
  // The file says where the store is, and the store has secrets for the file.
  const found = await loadConfig(configPath, { stored: NOT_READ })
  if (!found.ok) return refuseFile(found.issues)
  const { host, workers, allowUnauthenticated = false } = options
  const { text } = found
  const exposure = exposureProblem(found.config.auth, { host, allowUnauthenticated })
  if (exposure !== undefined) {
    process.stderr.write(`error: ${exposure}\n`)
    process.exitCode = EXIT_USAGE
    return
  }
  const fail = (code: string, message: string): never => {
    process.stderr.write(`${explain({ code, message, host, port: options.port })}\n`)
    process.exit(1)
  }
  const port =
    options.port === 0 ? await freePort(host).catch((error) => fail(codeOf(error), '')) : options.port
  const data = await openData({
    directory: options.dataDir,
    server: found.config.server,
    environment: process.env,
    warn,
  }).catch((error: unknown) => fail('', error instanceof Error ? error.message : String(error)))
  const { database } = data
  keepEncryptionKey(process.env, database.engine === 'sqlite' ? data.directory : undefined)
  const vault = new Vault(database.secrets, takeKeyring(process.env))
  const source = new ConfigSource({ path: configPath, database, vault, warn })
  const keys = new KeyDesk({ database, warn })
  await Promise.all([source.look(), keys.look()])
  const loaded = await source.load(text)
  if (!loaded.ok) {
    await data.close()
    return refuseFile(loaded.issues)
  }
  const { config, catalogue } = loaded
  for (const issue of routeIssues(catalogue)) warn(issue)
  startPrimary({
    data,
    source,
    keys,
    vault,
    configPath,
    text,
    config,
    catalogue,
    host,
    port,
    allowUnauthenticated,
    workers,
    onListening: (admin) => {
      process.stderr.write(banner({ host, port, workers, config, configPath, admin }))
    },
    onFailed: fail,
  })
}

function refuseFile(issues: readonly FileIssue[]): void {
  process.stderr.write(issues.map((issue) => `${printIssue(issue)}\n`).join(''))
  process.exitCode = EXIT_USAGE
}

function warn(message: string): void {
  process.stderr.write(`warning: ${message}\n`)
}

function logLevelProblem(level: string | undefined): string | undefined {
  const levels = [...Object.values(pino.levels.labels), 'silent']
  if (level === undefined || levels.includes(level)) return undefined
  return `error: LOG_LEVEL is ${JSON.stringify(level)}, which is no level; set it to one of ${levels.join(', ')}`
}

/** The file that is named; else one of what is found here; else the built-in example. */
async function choosePath({ configPath, quickstart, dataDir }: StartArguments): Promise<string> {
  const given = configPath ?? process.env['MLFLOW_GATEWAY_CONFIG']
  if (given !== undefined && given !== '') return resolve(given.replace(/^~(?=\/|$)/, homedir()))
  const routes = quickstart ? [] : await findRoutes(process.env)
  if (routes.length === 0) return fileURLToPath(new URL('../../examples/quickstart.yaml', import.meta.url))
  const directory = dataDirectory({ directory: dataDir, server: {}, environment: process.env })
  return keepConfig(foundConfig(routes), directory)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

interface StartFailure {
  code: string
  message: string
  host: string
  port: number
}

/** Why the gateway cannot start, in one line. */
function explain({ code, message, host, port }: StartFailure): string {
  switch (code) {
    case 'EADDRINUSE':
      return `error: port ${port} on ${host} is in use; stop what listens there, or choose another with --port`
    case 'EACCES':
      return `error: listening on port ${port} is not allowed for this user; choose a port above 1023 with --port`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
    case 'EINVAL':
      return `error: "${host}" is not an address of this machine; write --host 127.0.0.1, or 0.0.0.0 for all addresses`
    default:
      return `error: the gateway could not start: ${message}`
  }
}
