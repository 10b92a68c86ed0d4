import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readKeyring, type SealingKey } from './keyring.ts'
import { open, seal } from './seal.ts'

function newKey(): SealingKey {
  const { present } = readKeyring(randomBytes(32).toString('hex'))
  if (!present) throw new Error('no key')
  return present
}

const key = newKey()

describe('what is sealed', () => {
  test.each(['', 'k', 'sk-canary', 'ключ 🔑', 'x'.repeat(65_536)])('opens again: %.20s', (plain) => {
    const sealed = seal(plain, { name: 'n', key })
    expect(open(sealed, { name: 'n', key })).toBe(plain)
    if (plain.length > 3) expect(Buffer.from(sealed, 'base64').includes(plain)).toBe(false)
  })

  test('looks like another thing each time', () => {
    const all = Array.from({ length: 500 }, () => seal('the same', { name: 'n', key }))
    const nonces = new Set(all.map((sealed) => sealed.slice(0, 16)))
    expect(nonces.size).toBe(500)
  })

  test('opens with no other key and under no other name', () => {
    const sealed = seal('plain', { name: 'openai', key })
    expect(open(sealed, { name: 'openai', key: newKey() })).toBeUndefined()
    for (const name of ['', 'openai2', 'Openai', 'open', 'openai\0']) {
      expect(open(sealed, { name, key })).toBeUndefined()
    }
  })

  test('does not open when one bit of it is another', () => {
    const bytes = Buffer.from(seal('sk-canary', { name: 'n', key }), 'base64')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(open(changed.toString('base64'), { name: 'n', key })).toBeUndefined()
    }
  })

  test('does not open when it was cut, lengthened or written in other words', () => {
    const sealed = seal('sk-canary', { name: 'n', key })
    const bytes = Buffer.from(sealed, 'base64')
    for (let length = 0; length < bytes.length; length++) {
      expect(open(bytes.subarray(0, length).toString('base64'), { name: 'n', key })).toBeUndefined()
    }
    const others = [
      Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64'),
      bytes.toString('hex'),
      ` ${sealed}`,
      `${sealed}=`,
      sealed.replace(/=*$/, '!'),
      '',
    ]
    for (const other of others) expect(open(other, { name: 'n', key })).toBeUndefined()
  })
})
