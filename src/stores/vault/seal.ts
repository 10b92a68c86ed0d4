import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SealingKey } from './keyring.ts'

/** Whose value it is, and what it is sealed with. */
export interface Seal {
  /** The secret's name. It is bound to the value: one that was put into the row of another does not open. */
  readonly name: string
  readonly key: SealingKey
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM with a nonce of its own: nonce, ciphertext and tag, in base64. */
export function seal(plain: string, { name, key }: Seal): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(boundTo(name))
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64')
}

/** What was sealed; undefined when it was not sealed so, with this key and for this name, to the last bit. */
export function open(sealed: string, { name, key }: Seal): string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  // Other spellings of the same bytes are not what `seal` wrote.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64') !== sealed) return undefined
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key.key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(boundTo(name))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
    return Buffer.concat([plain, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

function boundTo(name: string): Buffer {
  return Buffer.from(`mlflow-gateway secret\0${name}`)
}
