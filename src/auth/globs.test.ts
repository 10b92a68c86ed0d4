import { expect, test } from 'vitest'
import { matchesAny } from './globs.ts'

test.each([
  [['*'], 'anything', true],
  [['*'], '', true],
  [[], 'chat', false],
  [['chat'], 'chat', true],
  [['chat'], 'chat2', false],
  [['chat'], 'Chat', false],
  [['chat', 'embed-*'], 'embed-small', true],
  [['embed-*'], 'embed', false],
  [['*-small'], 'embed-small', true],
  [['*-small'], 'small', false],
  [['a*a'], 'a', false],
  [['a*a'], 'aa', true],
  [['a*b*c'], 'a-b-b-c', true],
  [['a*b*c'], 'a-c-b', false],
  [['a*bc*c'], 'abc', false],
  [['a.c'], 'abc', false],
  [['team-[ab]'], 'team-a', false],
] as const)('%j for %j: %s', (globs, name, expected) => {
  expect(matchesAny(globs, name)).toBe(expected)
})

test('no glob makes a long name slow', () => {
  const started = performance.now()
  expect(matchesAny([`${'*a'.repeat(50)}*b`], 'a'.repeat(100_000))).toBe(false)
  expect(performance.now() - started).toBeLessThan(200)
})
