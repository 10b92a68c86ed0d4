import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ServerConfig } from '../config/schema.ts'
import type { Database } from '../core/database.ts'
import { Secret } from '../core/secret.ts'
import { openDatabase } from '../stores/index.ts'
import { type Lock, takeLock } from './data-lock.ts'

/** What outlives the gateway. */
export interface Data {
  /** Undefined: nothing is kept on disk. */
  readonly directory: string | undefined
  readonly database: Database
  close(): Promise<void>
}

export interface DataSetup {
  /** As `--data-dir` gives it. */
  readonly directory: string | undefined
  readonly server: Pick<ServerConfig, 'dataDir' | 'databaseUrl'>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Told what an operator should know, in a sentence. */
  readonly warn: (message: string) => void
}

/** The directory that is used when none is named. */
const DEFAULT = '~/.mlflow-gateway'

/** Open the data directory and the database. Rejects with what is to be done, in a sentence. */
export async function openData({ warn, ...place }: DataSetup): Promise<Data> {
  const { path, isNamed, url } = placeOf(place)
  const lock = path === undefined ? undefined : await hold(path, { isNamed, warn })
  const held = lock && path
  const sqlite = held === undefined ? ':memory:' : join(held, 'gateway.sqlite')
  try {
    const database = await openDatabase(url ? { postgres: url } : { sqlite }, { mayBeAway: true })
    // The database's own files beside it get the same rights from SQLite.
    if (!url && held !== undefined) chmodSync(sqlite, 0o600)
    const close = async (): Promise<void> => {
      await database.close()
      lock?.release()
    }
    return { directory: held, database, close }
  } catch (error) {
    lock?.release()
    throw error
  }
}

/**
 * Open the database of a gateway that may run at the same time: for commands, which change a few objects in it. Rejects
 * with what is to be done, in a sentence.
 */
export async function openDatabaseBeside(place: Omit<DataSetup, 'warn'>): Promise<Beside> {
  const { path, url } = placeOf(place)
  if (url) return { database: await openDatabase({ postgres: url }), directory: undefined }
  if (path === undefined)
    throw new Error('nothing is kept on disk; name the data directory of the gateway with --data-dir')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const sqlite = join(path, 'gateway.sqlite')
  const database = await openDatabase({ sqlite })
  chmodSync(sqlite, 0o600)
  return { database, directory: path }
}

/** A database, and the directory in which it is; undefined: it is of Postgres. */
export interface Beside {
  readonly database: Database
  readonly directory: string | undefined
}

interface Place {
  /** The data directory; undefined: nothing is kept on disk. */
  readonly path: string | undefined
  readonly isNamed: boolean
  /** Of Postgres. */
  readonly url: Secret | undefined
}

/** The data directory that a gateway would use; undefined: none. */
export function dataDirectory(place: Omit<DataSetup, 'warn'>): string | undefined {
  return placeOf(place).path
}

function placeOf({ directory, server, environment }: Omit<DataSetup, 'warn'>): Place {
  const named = directory || environment['MLFLOW_GATEWAY_DATA_DIR'] || server.dataDir
  const path = named === 'none' ? undefined : resolve((named ?? DEFAULT).replace(/^~(?=\/|$)/, homedir()))
  const url = server.databaseUrl ?? secretOf(environment['DATABASE_URL'])
  return { path, isNamed: named !== undefined, url }
}

/** The directory's lock, which is made if need be; undefined when the default one cannot be had. */
async function hold(
  path: string,
  { isNamed, warn }: { isNamed: boolean; warn: (message: string) => void },
): Promise<Lock | undefined> {
  const lock = await lockOf(path)
  if (typeof lock !== 'string') return lock
  if (isNamed) throw new Error(`${lock}; name another with --data-dir, or write "--data-dir none"`)
  warn(`${lock}; nothing is kept on disk: keys and usage are gone when the gateway ends`)
  return undefined
}

/** Or why there is none. */
async function lockOf(path: string): Promise<Lock | string> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.W_OK | constants.X_OK)
    const lock = await takeLock(join(path, 'gateway.lock'))
    return typeof lock === 'string'
      ? `the data directory ${path} is in use by another gateway (${lock})`
      : lock
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `the data directory ${path} cannot be written (${reason})`
  }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text ? new Secret(text) : undefined
}
