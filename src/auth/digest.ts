import { createHmac, randomBytes } from 'node:crypto'
import type { SettingTable } from '../core/database.ts'

/** HMAC-SHA-256 of a virtual key, base64url: what is kept and looked up in its place. The only place that makes one. */
export function digestOf(key: string, pepper: Buffer): string {
  return createHmac('sha256', pepper).update(key).digest('base64url')
}

const PEPPER = 'key_pepper'

/** The secret of this database's digests, made when they are first needed. Several gateways on one share it. */
export async function pepperOf(settings: SettingTable): Promise<Buffer> {
  const known = await settings.get(PEPPER)
  const text = known ?? (await settings.setOnce(PEPPER, randomBytes(32).toString('base64url')))
  return Buffer.from(text, 'base64url')
}
