import { expect, test } from 'vitest'
import { findSum } from './arithmetic.ts'

test.each([
  ['what is 2+3?', 5],
  ["What's 2 plus 3 times 4?", 14],
  ['calculate (1 + 2) * -3', -9],
  ['2^3^2 =', 512],
  ['How much is 1,000 divided by 8?', 125],
  ['0.1 + 0.2', 0.3],
  ['12 x (3 - 4.5)', -18],
  ['7 % 4', 3],
])('%s comes to %d', (prompt, value) => {
  expect(findSum(prompt)?.value).toBe(value)
})

test('division by zero is found but has no finite value', () => {
  expect(findSum('What is 1 / 0?')?.value).toBe(Infinity)
})

test.each(['What is 2?', 'Call me at 2025-05-17', '2 +', '(2 + 3', 'three plus four', '', '1 + 2 apples'])(
  '%j is not a sum',
  (prompt) => {
    expect(findSum(prompt)).toBeUndefined()
  },
)
