import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeFailure, RETRIES } from '../../../test/support/plan.ts'
import { backoffMs, retryAfterMs } from './backoff.ts'

const NOW = Date.UTC(2026, 0, 1)

describe('a Retry-After', () => {
  test.each([
    ['1', 1000],
    ['0', 0],
    ['0.25', 250],
    ['3600', 3_600_000],
    ['1000000000', 1e12],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['Thursday, 01-Jan-26 00:00:05 GMT', 5000],
    ['Thu Jan  1 00:00:05 2026', 5000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ])('of "%s" is %i ms', (value, ms) => {
    expect(retryAfterMs(value, NOW)).toBe(ms)
  })

  test.each([
    '',
    '-5',
    'abc',
    '1e9',
    '1s',
    '0x10',
    'NaN',
    'Infinity',
    '1, 2',
    '2026-01-01T00:00:05Z',
    'Soon',
    'Please try again in 5',
    'May 5',
    'Mon',
    'Thu, 99 Jan 2026 00:00:05 GMT',
  ])('of "%s" makes no sense and is as none', (value) => {
    expect(retryAfterMs(value, NOW)).toBeUndefined()
  })

  test('may be absent', () => {
    expect(retryAfterMs(undefined, NOW)).toBeUndefined()
  })
})

describe('the wait before a repetition', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each([
    [1, 250],
    [2, 500],
    [3, 1000],
    [4, 2000],
    [5, 4000],
    [6, 4000],
    [11, 4000],
  ])('before repetition %i is any up to %i ms', (repetition, mostMs) => {
    const error = makeFailure('server_error')
    for (const random of [0, 0.25, 0.5, 1]) {
      expect(backoffMs(RETRIES, error, { repetition, random })).toBe(random * mostMs)
    }
  })

  test.each([
    ['0', 0],
    ['0.5', 500],
    ['10', 10_000],
    ['Thu, 01 Jan 2026 00:00:02 GMT', 2000],
  ])('is at least what the provider asks for, and a quarter more at most: %s', (retryAfter, ms) => {
    const error = makeFailure('rate_limit', retryAfter)
    const waits = [0, 0.5, 1].map((random) => backoffMs(RETRIES, error, { repetition: 1, random }))
    expect(waits).toEqual([ms, ms * 1.125, ms * 1.25])
  })

  test.each(['10.001', '3600', '1000000000', 'Thu, 01 Jan 2026 00:00:11 GMT'])(
    'is not worth it when the provider asks for %s',
    (retryAfter) => {
      const error = makeFailure('rate_limit', retryAfter)
      expect(backoffMs(RETRIES, error, { repetition: 1, random: 0.1 })).toBeUndefined()
    },
  )

  test('is jitter where the provider is not to be listened to, or talks nonsense', () => {
    const at = { repetition: 2, random: 0.5 }
    const deaf = { ...RETRIES, respectRetryAfter: false }
    expect(backoffMs(deaf, makeFailure('rate_limit', '3600'), at)).toBe(250)
    expect(backoffMs(RETRIES, makeFailure('rate_limit', 'Please try again in 5'), at)).toBe(250)
  })
})
