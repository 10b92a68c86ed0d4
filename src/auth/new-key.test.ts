import { describe, expect, test } from 'vitest'
import { looksLikeKey, newKey } from './new-key.ts'

describe('a new key', () => {
  test('has a prefix, 32 random characters and a checksum', () => {
    const { key, hint } = newKey()
    expect(key).toMatch(/^mgw_[0-9A-Za-z]{38}$/)
    expect(hint).toBe(`mgw_...${key.slice(-4)}`)
    expect(looksLikeKey(key)).toBe(true)
  })

  test('is another one each time, and uses every character about equally often', () => {
    const keys = Array.from({ length: 2000 }, () => newKey().key)
    expect(new Set(keys).size).toBe(keys.length)
    const counts = new Map<string, number>()
    for (const key of keys) for (const one of key.slice(4, 36)) counts.set(one, (counts.get(one) ?? 0) + 1)
    const expected = (2000 * 32) / 62
    expect(counts.size).toBe(62)
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected / 4)
  })
})

describe('a text', () => {
  test.each([
    ['', 'nothing'],
    ['mgw_', 'the prefix alone'],
    ['sk-proj-0123456789', "a provider's key"],
    [`mgw_${'0'.repeat(38)}`, 'a wrong checksum'],
    [`mgw_${'é'.repeat(38)}`, 'other characters'],
  ])('%j is no key: %s', (text) => {
    expect(looksLikeKey(text)).toBe(false)
  })

  test('is no key when one character of a key differs, two are exchanged, or one is missing', () => {
    const { key } = newKey()
    for (let i = 0; i < key.length; i++) {
      const other = key[i] === 'x' ? 'y' : 'x'
      expect(looksLikeKey(key.slice(0, i) + other + key.slice(i + 1))).toBe(false)
      expect(looksLikeKey(key.slice(0, i) + key.slice(i + 1))).toBe(false)
      const [one, two = one] = key.slice(i)
      if (one !== two) expect(looksLikeKey(key.slice(0, i) + two + one + key.slice(i + 2))).toBe(false)
    }
    expect(looksLikeKey(`${key}\n`)).toBe(false)
  })
})
