import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ConfigFile, TextIssue, ValidationAnswer } from '../admin/contract.ts'
import { AdminError } from '../admin/errors.ts'
import type { ConfigDesk } from '../admin/resource.ts'
import { type MaskedText, maskSecrets, unmaskSecrets } from '../config/mask-secrets.ts'
import { configJsonSchema } from '../config/json-schema.ts'
import type { FileIssue } from '../config/issue.ts'
import type { LoadResult } from '../config/load.ts'
import type { ConfigSource } from './config-source.ts'

export interface ConfigDeskSetup {
  readonly path: string
  readonly source: ConfigSource
  /** The credentials in use. */
  readonly secrets: () => ReadonlySet<string>
  /** The texts in use now and before the last reload; the latter undefined before the first. */
  readonly texts: () => { readonly now: string; readonly before: string | undefined }
}

/** The configuration file, as far as people may see and change it from afar. Its credentials never leave it. */
export function configDesk({ path, source, secrets, texts }: ConfigDeskSetup): ConfigDesk {
  const mask = (text: string): MaskedText | undefined => maskSecrets(text, secrets())
  return {
    schema: () => configJsonSchema(),
    async file(): Promise<ConfigFile> {
      const text = await readFile(path, 'utf8').catch(() => undefined)
      const { now, before } = texts()
      return {
        name: basename(path),
        text: text === undefined ? null : (mask(text)?.text ?? null),
        tag: text === undefined ? null : tagOf(text),
        isWritable: await isWritable(path),
        inUse: mask(now)?.text ?? null,
        before: before === undefined ? null : (mask(before)?.text ?? null),
      }
    },
    async validate(text) {
      const old = await readFile(path, 'utf8').catch(() => '')
      return toValidation(source.check(unmaskSecrets(text, mask(old)?.originals ?? [])))
    },
    async save(text, tag): Promise<void> {
      const old = await readFile(path, 'utf8').catch(() => '')
      if (tagOf(old) !== tag) {
        throw new AdminError('changed', 'Somebody changed the file meanwhile; read it again.')
      }
      const masked = mask(old)
      // What could not be shown cannot be edited, and a text without it would lose it.
      if (!masked) throw new AdminError('conflict', 'The file is no YAML now; mend it where it lies.')
      await replaceFile(path, unmaskSecrets(text, masked.originals))
    },
  }
}

/** Of a text there is no file to name. */
function toValidation(loaded: LoadResult): ValidationAnswer {
  if (!loaded.ok) return { valid: false, issues: loaded.issues.map(withoutFile), warnings: [] }
  return { valid: true, issues: [], warnings: loaded.warnings.map(withoutFile) }
}

function withoutFile({ line, column, path, message }: FileIssue): TextIssue {
  return { line, column, path, message }
}

function tagOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** The file, and its folder, in which the new one is written before it takes the old one's place. */
async function isWritable(path: string): Promise<boolean> {
  try {
    const real = await realpath(path)
    await Promise.all([access(real, constants.W_OK), access(dirname(real), constants.W_OK)])
    return true
  } catch {
    return false
  }
}

/** All or nothing: whoever reads it meanwhile sees the old or the new content, also after a power cut. */
async function replaceFile(path: string, text: string): Promise<void> {
  const real = await realpath(path)
  const { mode } = await stat(real)
  const fresh = join(dirname(real), `.${basename(real)}.${randomUUID()}`)
  try {
    const handle = await open(fresh, 'wx', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, real)
  } catch (error) {
    await unlink(fresh).catch(() => undefined)
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new AdminError('conflict', `The file cannot be written (${reason}); change it where it lies.`)
  }
}
