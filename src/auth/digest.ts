import { createHmac, hash, randomBytes } from 'node:crypto'
import type { SettingTable } from '../core/database.ts'

/** HMAC-SHA-256 of a virtual key, base64url: what the database keeps and is asked for in its place. */
export function digestOf(key: string, pepper: Buffer): string {
  return createHmac('sha256', pepper).update(key).digest('base64url')
}

/** SHA-256 of a credential, base64url: what keys of the file are compared by, and what a process remembers of any. */
export function plainDigestOf(credential: string): string {
  return hash('sha256', credential, 'base64url')
}

const PEPPER = 'key_pepper'

/** The secret of this database's digests, made when they are first needed. Several gateways on one share it. */
export async function pepperOf(settings: SettingTable): Promise<Buffer> {
  const known = await settings.get(PEPPER)
  const text = known ?? (await settings.setOnce(PEPPER, randomBytes(32).toString('base64url')))
  return Buffer.from(text, 'base64url')
}
