import { expect, test } from 'vitest'
import { circuitBreaker } from './circuit-breaker.ts'

const DEFAULTS = { failures: 5, windowMs: 30_000, share: 0.5, cooldownMs: 30_000 }

test.each([
  ['nothing is said', undefined, DEFAULTS],
  ['something is', { failures: 3, cooldown: 1000 }, { ...DEFAULTS, failures: 3, cooldownMs: 1000 }],
  [
    'all is',
    { failures: 1, window: 2, share: 0, cooldown: 3 },
    { failures: 1, windowMs: 2, share: 0, cooldownMs: 3 },
  ],
])('a breaker is on: %s', (_what, options, expected) => {
  expect(circuitBreaker.read(options)).toEqual({ breaker: expected })
})

test('no failure opens a breaker when the file says 0', () => {
  expect(circuitBreaker.read({ failures: 0, window: 1000 })).toEqual({})
})
