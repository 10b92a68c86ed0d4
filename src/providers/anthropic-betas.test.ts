import { expect, test } from 'vitest'
import { isAnthropicBeta, selectBetas } from './anthropic-betas.ts'

test.each([
  ['context-1m-2025-08-07', true],
  ['claude-code-20250219', true],
  ['a-beta-of-tomorrow-2031-12-01', true],
  ['prompt-caching', false],
  ['2025-08-07', false],
  ['Context-1m-2025-08-07', false],
  ['x\r\ny-2025-08-07', false],
  ['', false],
])('%j may be one of Anthropic: %s', (name, known) => {
  expect(isAnthropicBeta(name)).toBe(known)
})

test.each([
  [undefined, []],
  ['', []],
  ['c', []],
  ['a', ['a']],
  [' b ,c,a,,b', ['b', 'a']],
])('of %j the known ones are %j', (header, betas) => {
  expect(selectBetas(header, (name) => name === 'a' || name === 'b')).toEqual(betas)
})
