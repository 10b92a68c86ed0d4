import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '../core/secret.ts'
import { kindOf } from './show.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type SecretResult = { ok: true; secret: Secret } | { ok: false; message: string }

const MAX_FILE_BYTES = 65_536
/** Longer text is no file name on any system (PATH_MAX). */
const MAX_PATH_LENGTH = 4096
const WAYS = 'write $NAME for an environment variable, the path of a file, or the text itself'

/**
 * Find a credential as MLflow does: `$NAME` or `${NAME}` is an environment variable, the path of an existing file is
 * that file's text, anything else is the credential itself. No message quotes the value.
 */
export function resolveSecret(value: unknown, env: Environment): SecretResult {
  if (typeof value !== 'string') {
    return refuse(`must be a string, but is ${kindOf(value)}; ${WAYS}${value === null ? '' : ', in quotes'}`)
  }
  if (value.trim() === '') return refuse(`is empty; ${WAYS}`)
  if (value.startsWith('$')) return fromEnvironment(value, env)
  return fromFile(value) ?? accept(value)
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

/** Credentials travel in HTTP headers: what cannot stand in one is told here, not at the first request. */
function accept(text: string): SecretResult {
  const key = text.replace(/[\r\n]+$/, '')
  if (/^[\x20-\x7e]*$/.test(key)) return { ok: true, secret: new Secret(key) }
  return refuse(
    'holds a line break or a character that HTTP headers do not allow; give the key alone, in one line of printable ASCII',
  )
}

function refuse(message: string): SecretResult {
  return { ok: false, message }
}
