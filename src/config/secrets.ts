import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { credentialProblem, Secret } from '../core/secret.ts'
import { SECRET_NAME_PATTERN, STORED_PREFIX, type StoredSecrets } from '../core/stored-secret.ts'
import { kindOf, looksSecret } from './show.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type SecretResult =
  | { ok: true; secret: Secret }
  /** `isStored`: it is one of the store's, which may have it at another time. */
  | { ok: false; message: string; isStored?: true }

/** Where credentials are found. */
export interface SecretSources {
  readonly env: Environment
  readonly stored: StoredSecrets
  /** Nothing but `secret:NAME` is taken: for what is kept where others can read it. */
  readonly isStoredOnly?: boolean
  /** A text that leads nowhere is refused: for values that are arguments of a command, which everybody can see. */
  readonly isReference?: boolean
}

const MAX_FILE_BYTES = 65_536
/** Longer text is no file name on any system (PATH_MAX). */
const MAX_PATH_LENGTH = 4096
const WAYS =
  'write $NAME for an environment variable, secret:NAME for one of the store, the path of a file, or the text itself'

/** Where there is no store to look into. */
export const NO_STORE: StoredSecrets = {
  find: () => ({ ok: false, isThere: false, reason: 'is in the store, which is not read here' }),
}

/** For those who check a file or look into it, and call nobody: every secret of the store is taken to be there. */
export const NOT_READ: StoredSecrets = {
  find: () => ({ ok: true, secret: new Secret('a-secret-of-the-store-that-was-not-read') }),
}

/**
 * Find a credential: `secret:NAME` is one of the store; the rest is as with MLflow: `$NAME` or `${NAME}` is an
 * environment variable, the path of an existing file is that file's text, anything else is the credential itself. No
 * message quotes the value.
 */
export function resolveSecret(
  value: unknown,
  { env, stored, isStoredOnly = false, isReference = false }: SecretSources,
): SecretResult {
  if (typeof value !== 'string') {
    return refuse(`must be a string, but is ${kindOf(value)}; ${WAYS}${value === null ? '' : ', in quotes'}`)
  }
  if (value.trim() === '') return refuse(`is empty; ${WAYS}`)
  if (value.startsWith(STORED_PREFIX)) return fromStore(value.slice(STORED_PREFIX.length), stored)
  if (isStoredOnly) return refuse(ONLY_STORED)
  if (value.startsWith('$')) return fromEnvironment(value, env)
  const found = fromFile(value)
  if (found) return found
  return isReference ? refuse('leads to no file; write $NAME, or the path of a file') : accept(value)
}

const ONLY_STORED =
  'holds a credential, and what is in the store may not; keep it with "mlflow-gateway secrets set NAME", and write secret:NAME'

function fromStore(name: string, stored: StoredSecrets): SecretResult {
  if (!new RegExp(SECRET_NAME_PATTERN).test(name)) {
    return refuse('the text after "secret:" is not the name of a secret; write secret:NAME')
  }
  const found = stored.find(name)
  if (found.ok) return accept(found.secret.reveal())
  // What no secret is called may be a credential itself, with the prefix before it.
  const shown = found.isThere || !looksSecret(name) ? ` "${name}"` : ''
  return { ok: false, message: `the secret${shown} ${found.reason}`, isStored: true }
}

function fromEnvironment(value: string, env: Environment): SecretResult {
  const name = /^\$\{(.*)\}$/s.exec(value)?.[1] ?? value.slice(1)
  if (name === '') return refuse('the name of an environment variable is missing after "$"; write $NAME')
  const text = env[name]
  if (text === undefined) {
    // Text that cannot be a name may be a credential that happens to start with a dollar: it is not quoted.
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      return refuse('the text after "$" is not the name of an environment variable that is set; write $NAME')
    }
    return refuse(`environment variable "${name}" is not set; set it before the start, or ${WAYS}`)
  }
  if (text.trim() === '') return refuse(`environment variable "${name}" is empty; give it the key`)
  return accept(text)
}

/** Undefined when there is no such regular file: then the text is the credential, as with MLflow. */
function fromFile(value: string): SecretResult | undefined {
  if (value.length > MAX_PATH_LENGTH || value.includes('\0')) return undefined
  const path = value.startsWith('~/') ? join(homedir(), value.slice(2)) : value
  if (!isRegularFile(path)) return undefined
  const text = readSmallFile(path)
  if (text === undefined) return refuse('the file with the key cannot be read; check its permissions')
  if (text === 'too large') return refuse('the file with the key is larger than 64 KB; is it the right file?')
  if (text.text.trim() === '') return refuse('the file with the key is empty; write the key into it')
  return accept(text.text)
}

function isRegularFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function readSmallFile(path: string): { text: string } | 'too large' | undefined {
  let handle: number | undefined
  try {
    // Not blocking, in case a pipe took the file's place since it was looked at.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!fstatSync(handle).isFile()) return undefined
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1)
    let length = 0
    for (;;) {
      const count = readSync(handle, buffer, length, buffer.length - length, null)
      length += count
      if (count === 0 || length === buffer.length) break
    }
    return length > MAX_FILE_BYTES ? 'too large' : { text: buffer.toString('utf8', 0, length) }
  } catch {
    return undefined
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function accept(text: string): SecretResult {
  const key = text.replace(/[\r\n]+$/, '')
  const problem = credentialProblem(key)
  return problem === undefined ? { ok: true, secret: new Secret(key) } : refuse(problem)
}

function refuse(message: string): SecretResult {
  return { ok: false, message }
}
