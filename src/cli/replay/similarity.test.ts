import { expect, test } from 'vitest'
import { similarity } from './similarity.ts'

test.each([
  ['a b c d', 'a b c d', 1],
  ['a  b\nc d', 'a b c d', 1],
  ['', '', 1],
  ['', 'a', 0],
  ['a b c d', 'w x y z', 0],
  ['a b c d', 'a b x d', 0.6],
  ['a b c', 'c b a', 0],
])('of %j and %j is %d', (one, other, share) => {
  expect(similarity(one, other)).toBe(share)
  expect(similarity(other, one)).toBe(share)
})

test('of long texts is quickly known', () => {
  const text = Array.from({ length: 100_000 }, (_, index) => `word${index % 977}`).join(' ')
  expect(similarity(text, `${text} more`)).toBeGreaterThan(0.999)
})
