import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../core/secret.ts'

/** Where the admin secret is found. */
export interface AdminSecretPlaces {
  /** `server.admin_token`. */
  readonly configured: Secret | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The data directory; undefined: nothing is kept on disk. */
  readonly directory: string | undefined
}

export type FoundAdminSecret =
  /** `file`: where it is kept, of one that nobody gave. */
  | { readonly ok: true; readonly secret: Secret; readonly file?: string }
  /** There is no problem where there is just none. */
  | { readonly ok: false; readonly problem: string | undefined }

/** The name of the variable that holds the secret of the admin API. */
const ADMIN_KEY_VARIABLE = 'MLFLOW_GATEWAY_ADMIN_KEY'
const FILE = 'admin.key'
/** A secret that can be guessed is worse than none. */
const SHORTEST_ADMIN_KEY = 24

/** The secret of the admin API: the configured one, that of the environment, or that of the data directory, made if need be. */
export function findAdminSecret({ configured, environment, directory }: AdminSecretPlaces): FoundAdminSecret {
  if (configured) return { ok: true, secret: configured }
  const given = environment[ADMIN_KEY_VARIABLE]
  if (given !== undefined) return check(given.trim(), ADMIN_KEY_VARIABLE)
  if (directory === undefined) return { ok: false, problem: undefined }
  const file = join(directory, FILE)
  const found = keep(file)
  return found.ok ? { ...found, file } : found
}

/** The secret of a gateway on this machine, for commands: none is made. Undefined: there is none that this user may read. */
export function lookUpAdminSecret({
  environment,
  directory,
}: Omit<AdminSecretPlaces, 'configured'>): Secret | undefined {
  const given = environment[ADMIN_KEY_VARIABLE]?.trim()
  if (given) return new Secret(given)
  try {
    return directory === undefined
      ? undefined
      : new Secret(readFileSync(join(directory, FILE), 'utf8').trim())
  } catch {
    return undefined
  }
}

function check(text: string, where: string): FoundAdminSecret {
  if (text.length >= SHORTEST_ADMIN_KEY) return { ok: true, secret: new Secret(text) }
  const problem = `${where} is too short for the admin API; write at least ${SHORTEST_ADMIN_KEY} characters that nobody can guess`
  return { ok: false, problem }
}

/** What the file holds; a new secret when there is no file. */
function keep(file: string): FoundAdminSecret {
  const made = randomBytes(32).toString('base64url')
  try {
    writeFileSync(file, `${made}\n`, { mode: 0o600, flag: 'wx' })
    return { ok: true, secret: new Secret(made) }
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') return unusable(file, error)
  }
  try {
    return check(readFileSync(file, 'utf8').trim(), file)
  } catch (error) {
    return unusable(file, error)
  }
}

function unusable(file: string, error: unknown): FoundAdminSecret {
  return { ok: false, problem: `the admin API's secret in ${file} cannot be read or made (${codeOf(error)})` }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
