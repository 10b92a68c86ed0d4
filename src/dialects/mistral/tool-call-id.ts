import { createHash } from 'node:crypto'

const OWN = /^[a-zA-Z0-9]{9}$/

/**
 * A call's id as Mistral wants it: nine letters and digits. Its own stay as they are; others become the same nine each
 * time, so that a result still finds its call.
 */
export function toolCallId(id: string): string {
  if (OWN.test(id) || id === '') return id
  let digits = createHash('sha256').update(id).digest().readBigUInt64BE()
  let written = ''
  for (let i = 0; i < 9; i++) {
    written += ALPHABET[Number(digits % BASE)] ?? ''
    digits /= BASE
  }
  return written
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const BASE = BigInt(ALPHABET.length)
