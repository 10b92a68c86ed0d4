import { describe, expect, test } from 'vitest'
import { retryAfterSeconds, retryDelayMs } from './retry.ts'

const policy = { maxRetries: 5, initialDelayMs: 1000, random: () => 0.5 }

describe('the delay before a retry', () => {
  test.each([429, 500, 502, 503])('exists after status %i', (status) => {
    expect(retryDelayMs(policy, 0, { status })).toBe(500)
  })

  test.each([400, 401, 404, 422, 501, 504])('does not exist after status %i', (status) => {
    expect(retryDelayMs(policy, 0, { status })).toBeUndefined()
  })

  test('doubles its bound with every retry until none is left', () => {
    const delays = [0, 1, 2, 3, 4, 5].map((done) => retryDelayMs(policy, done, {}))
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, undefined])
  })

  test('is anything from 0 to the bound', () => {
    expect(retryDelayMs({ ...policy, random: () => 0 }, 3, {})).toBe(0)
    expect(retryDelayMs({ ...policy, random: () => 0.999 }, 3, {})).toBe(7992)
  })

  test('never grows beyond a minute', () => {
    expect(retryDelayMs({ ...policy, maxRetries: 50 }, 40, {})).toBe(30_000)
  })

  test('is what Retry-After says, up to a minute', () => {
    expect(after('0')).toBe(0)
    expect(after('7')).toBe(7000)
    expect(after('60')).toBe(60_000)
    expect(after('61')).toBeUndefined()
    expect(after('soon')).toBe(500)
  })

  test('does not exist when the gateway says x-should-retry: false', () => {
    const headers = new Headers({ 'x-should-retry': 'False', 'retry-after': '1' })
    expect(retryDelayMs(policy, 0, { status: 503, headers })).toBeUndefined()
  })
})

describe('Retry-After', () => {
  test('is read as seconds', () => {
    expect(read(' 12 ')).toBe(12)
    expect(read('0.5')).toBe(0.5)
  })

  test('is read as a date, never before now', () => {
    const seconds = read(new Date(Date.now() + 30_000).toUTCString())
    expect(seconds).toBeGreaterThan(25)
    expect(seconds).toBeLessThanOrEqual(30)
    expect(read('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0)
  })

  test('is undefined when it is neither', () => {
    expect(read('-1')).toBeUndefined()
    expect(read('later')).toBeUndefined()
    expect(retryAfterSeconds(new Headers())).toBeUndefined()
  })
})

function after(seconds: string): number | undefined {
  return retryDelayMs(policy, 0, { status: 429, headers: new Headers({ 'retry-after': seconds }) })
}

function read(value: string): number | undefined {
  return retryAfterSeconds(new Headers({ 'retry-after': value }))
}
