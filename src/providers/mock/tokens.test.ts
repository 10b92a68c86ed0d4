import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { countTokens, splitTokens } from './tokens.ts'

test('words take their space along, long words and numbers are cut, punctuation stands alone', () => {
  expect(splitTokens('Hello, world!')).toEqual(['Hello', ',', ' world', '!'])
  expect(splitTokens('misunderstanding 12345')).toEqual(['misu', 'nder', 'standing', ' 123', '45'])
  expect(splitTokens('日本 👍')).toEqual(['日', '本', ' 👍'])
})

test('tokens join to the text again and are counted alike, whatever the text', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 200 }), (text) => {
      const tokens = splitTokens(text)
      expect(tokens.join('')).toBe(text)
      expect(countTokens(text)).toBe(tokens.length)
      expect(tokens).not.toContain('')
    }),
  )
})

test('no token ends within a character', () => {
  expect(splitTokens('a👍👍b')).toEqual(['a', '👍', '👍', 'b'])
})

test('English prose comes out between three and five and a half characters a token', () => {
  const prose =
    'The keeper of the lighthouse climbed the stairs every evening, lit the lamp, and waited for ships.'
  const ratio = prose.length / countTokens(prose)
  expect(ratio).toBeGreaterThan(3)
  expect(ratio).toBeLessThan(5.5)
})

test('a megabyte without a space is counted without looking at it twice', () => {
  expect(countTokens('x'.repeat(1_000_000))).toBeGreaterThan(200_000)
})
