import { expect, test } from 'vitest'
import { hedge } from './hedge.ts'

test.each([
  [{ after: 800 }, { afterMs: 800, budget: 0.05 }],
  [
    { after: 0, budget: '20%' },
    { afterMs: 0, budget: 0.2 },
  ],
  [
    { after: 800, budget: '0.5%' },
    { afterMs: 800, budget: 0.005 },
  ],
  [
    { after: 800, budget: '0%' },
    { afterMs: 800, budget: 0 },
  ],
  [
    { after: 800, budget: '100%' },
    { afterMs: 800, budget: 1 },
  ],
])('%j is a race', (options, expected) => {
  expect(hedge.read(options)).toEqual({ hedge: expected })
})

test('nobody is raced unless the file says so', () => {
  expect(hedge.read(undefined)).toEqual({})
})

test.each([
  ['5%', true],
  ['99.9%', true],
  ['100%', true],
  ['101%', false],
  ['100.5%', false],
  ['5', false],
  ['-5%', false],
  ['%', false],
])('a budget of "%s" is one: %s', (text, expected) => {
  const { pattern = '' } = hedge.options.properties['budget'] ?? {}
  expect(new RegExp(pattern).test(text)).toBe(expected)
})
