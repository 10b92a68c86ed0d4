import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const VARIABLE = 'MLFLOW_GATEWAY_ENCRYPTION_KEY'
const FILE = 'encryption.key'

/**
 * Where nobody gave a key, the data directory has one: made at the first start, so that a secret can be kept without any
 * preparation. It goes into `environment`, out of which it is taken like any other. A directory is of one gateway alone;
 * those that share a database have to be given theirs.
 */
export function keepEncryptionKey(
  environment: Record<string, string | undefined>,
  directory: string | undefined,
): void {
  if (directory === undefined || environment[VARIABLE]?.trim()) return
  const file = join(directory, FILE)
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch {
    // There is one, or the directory cannot be written to, which reading tells.
  }
  try {
    environment[VARIABLE] = readFileSync(file, 'utf8').trim()
  } catch {
    // Then there is none, and what needs one says so.
  }
}
