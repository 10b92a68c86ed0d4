import { expect, test } from 'vitest'
import { digestOf, pepperOf } from './digest.ts'

// RFC 4231, test case 2.
test('a digest is HMAC-SHA-256 in base64url', () => {
  expect(digestOf('what do ya want for nothing?', Buffer.from('Jefe'))).toBe(
    Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex').toString(
      'base64url',
    ),
  )
})

test('the pepper is made once, of 32 bytes, and is the same for all who share the database', async () => {
  const kept = new Map<string, string>()
  const settings = {
    get: async (name: string) => kept.get(name),
    set: async (name: string, value: string) => void kept.set(name, value),
    setOnce: async (name: string, value: string) => {
      if (!kept.has(name)) kept.set(name, value)
      return kept.get(name) ?? value
    },
  }
  const [one, other] = await Promise.all([pepperOf(settings), pepperOf(settings)])
  expect(one).toHaveLength(32)
  expect(other).toEqual(one)
  expect(await pepperOf(settings)).toEqual(one)
})
