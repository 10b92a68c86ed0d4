import { assert, property, stringMatching, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listed, nearest } from './nearest.ts'

describe('the nearest word', () => {
  it.each([
    ['tmeout', 'timeout'],
    ['tiemout', 'timeout'],
    ['TIMEOUT', 'timeout'],
    ['route-type', 'route_type'],
    ['opnai', 'openai'],
    ['zzz', undefined],
    ['', undefined],
  ])('of %j is %j', (text, expected) => {
    expect(nearest(text, ['timeout', 'route_type', 'openai', 'name'])).toBe(expected)
  })

  it('of a known word is that word, whatever else is known', () => {
    assert(
      property(uniqueArray(stringMatching(/^[a-z]{3,12}$/), { minLength: 1 }), (words) => {
        for (const word of words) expect(nearest(word, words)).toBe(word)
      }),
    )
  })
})

it('words are listed as in a sentence', () => {
  expect(listed(['a', 'b', 'c'])).toBe('"a", "b" or "c"')
  expect(listed(['a'])).toBe('"a"')
  expect(listed([])).toBe('(none)')
})
