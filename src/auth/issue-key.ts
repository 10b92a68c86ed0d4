import { randomBytes } from 'node:crypto'
import type { At, Audit, Database, Fresh, KeyRow } from '../core/database.ts'
import { digestOf, pepperOf } from './digest.ts'
import { newKey } from './new-key.ts'

/** A key that was just made, to be shown once. */
export interface IssuedKey {
  readonly key: string
  readonly row: KeyRow
}

/** What somebody says of a new key. */
export type KeyFields = Omit<
  Fresh<KeyRow>,
  'id' | 'digest' | 'hint' | 'previousDigest' | 'previousUntil' | 'lastUsedAt'
>

/** Make a key and keep what is known of it. */
export async function issueKey(
  { keys, settings }: Pick<Database, 'keys' | 'settings'>,
  fields: KeyFields,
  audit: Audit,
): Promise<IssuedKey> {
  const { key, hint } = newKey()
  const digest = digestOf(key, await pepperOf(settings))
  const id = `key_${randomBytes(8).toString('hex')}`
  const unused = { previousDigest: null, previousUntil: null, lastUsedAt: null }
  return { key, row: await keys.create({ ...fields, ...unused, id, digest, hint }, audit) }
}

/**
 * Give an object another key. The one before is taken for `graceMs` more, one before that no more at all. Undefined:
 * there is no such object.
 */
export async function rotateKey(
  { keys, settings }: Pick<Database, 'keys' | 'settings'>,
  { at, graceMs }: { at: At; graceMs: number },
  audit: Audit,
): Promise<IssuedKey | undefined> {
  const before = await keys.get(at.id, at.scope)
  if (!before) return undefined
  const { key, hint } = newKey()
  const digest = digestOf(key, await pepperOf(settings))
  const previous =
    graceMs > 0
      ? { previousDigest: before.digest, previousUntil: Date.now() + graceMs }
      : { previousDigest: null, previousUntil: null }
  const row = await keys.update(at, { digest, hint, ...previous }, audit)
  return row && { key, row }
}
