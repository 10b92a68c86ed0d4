import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What every virtual key begins with, so that scanners of code and logs know one. */
export const KEY_PREFIX = 'mgw_'
/** 32 characters of 62 are 190 random bits. */
const RANDOM_LENGTH = 32
const CHECKSUM_LENGTH = 6
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SHAPE = new RegExp(`^${KEY_PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`)

/** A virtual key that was just made. It can be shown once: only its digest is kept. */
export interface NewKey {
  readonly key: string
  /** For people: its prefix and last four characters, which are of the checksum. */
  readonly hint: string
}

/** `mgw_`, 32 random characters, and a checksum of both in 6. */
export function newKey(): NewKey {
  const body = KEY_PREFIX + randomText()
  const key = body + checksumOf(body)
  return { key, hint: `${KEY_PREFIX}...${key.slice(-4)}` }
}

/** Whether a text can be a virtual key: a mistyped or cut one is told without asking a database. */
export function looksLikeKey(text: string): boolean {
  return SHAPE.test(text) && checksumOf(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH)
}

/** Each character as likely as any other: bytes beyond the last whole run of the alphabet are left out. */
function randomText(): string {
  const fair = 256 - (256 % ALPHABET.length)
  let text = ''
  while (text.length < RANDOM_LENGTH) {
    for (const byte of randomBytes(RANDOM_LENGTH - text.length)) {
      if (byte < fair) text += ALPHABET.charAt(byte % ALPHABET.length)
    }
  }
  return text
}

function checksumOf(text: string): string {
  let rest = crc32(text)
  let checksum = ''
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    checksum = ALPHABET.charAt(rest % ALPHABET.length) + checksum
    rest = Math.floor(rest / ALPHABET.length)
  }
  return checksum
}
