import { createHash, createSecretKey, type KeyObject } from 'node:crypto'

/** A key that secrets are sealed with. */
export interface SealingKey {
  /** A short digest of it, by which rows name it. */
  readonly id: string
  /** Prints and serializes as nothing. */
  readonly key: KeyObject
}

/** The keys of this process. */
export interface Keyring {
  /** What is sealed from now on is sealed with it. */
  readonly present: SealingKey | undefined
  /** The present one and those before it. */
  readonly byId: ReadonlyMap<string, SealingKey>
  /** What is wrong with a key that was given, or that there is none: what to do, in a sentence. It quotes no key. */
  readonly problem: string | undefined
}

export const KEY_VARIABLE = 'MLFLOW_GATEWAY_ENCRYPTION_KEY'
export const PREVIOUS_VARIABLE = 'MLFLOW_GATEWAY_ENCRYPTION_KEY_PREVIOUS'

/** The keys in the environment. They are taken out of it, so that no process started from here inherits them. */
export function takeKeyring(environment: Record<string, string | undefined>): Keyring {
  const present = environment[KEY_VARIABLE]
  const previous = environment[PREVIOUS_VARIABLE]
  delete environment[KEY_VARIABLE]
  delete environment[PREVIOUS_VARIABLE]
  return readKeyring(present, previous)
}

/** `previous` are keys separated by commas. A key that is none is a problem, and the others are used. */
export function readKeyring(present: string | undefined, previous = ''): Keyring {
  const key = present?.trim() ? readKey(present) : undefined
  const older = previous.split(',').filter((text) => text.trim() !== '')
  const keys = [key, ...older.map(readKey)]
  const problems = [
    ...(present?.trim() ? [] : [`${KEY_VARIABLE} is not set; ${ADVICE}`]),
    ...(present?.trim() && !key ? [`${KEY_VARIABLE} is no key: ${SHAPE}; ${ADVICE}`] : []),
    ...(older.length > 0 && keys.slice(1).includes(undefined)
      ? [`${PREVIOUS_VARIABLE} holds what is no key: each of its keys, separated by commas, ${SHAPE}`]
      : []),
  ]
  const usable = keys.filter((one) => one !== undefined)
  return {
    present: key,
    byId: new Map(usable.toReversed().map((one) => [one.id, one])),
    problem: problems.length === 0 ? undefined : problems.join('. '),
  }
}

const KEY_BYTES = 32
/** Of 32 random bytes, hardly ever fewer than 25 are different: what has fewer than this was not made by chance. */
const LEAST_DIFFERENT = 16
const SHAPE = 'it must be 32 random bytes, written as 64 hex digits or in base64'
const ADVICE = 'make one with "openssl rand -base64 32", and keep it outside of the database'

/** A password is none: nothing is derived from a text that somebody thought of. */
function readKey(given: string): SealingKey | undefined {
  const text = given.trim()
  const bytes = decode(text)
  if (bytes?.length !== KEY_BYTES || new Set(bytes).size < LEAST_DIFFERENT) return undefined
  const id = createHash('sha256').update('mlflow-gateway encryption key\0').update(bytes).digest('hex')
  return { id: id.slice(0, 12), key: createSecretKey(bytes) }
}

function decode(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  // 32 bytes in base64 or base64url, which as good as never lack capitals or small letters.
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text)
  return isBase64 ? Buffer.from(text, 'base64') : undefined
}
