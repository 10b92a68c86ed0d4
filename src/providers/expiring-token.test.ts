import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Secret } from '../core/secret.ts'
import { ExpiringToken, type FreshToken } from './expiring-token.ts'

const HOUR_MS = 3_600_000

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function counting(lifeMs = HOUR_MS): { token: ExpiringToken; fetch: ReturnType<typeof vi.fn> } {
  let count = 0
  const fetch = vi.fn<() => Promise<FreshToken>>(async () => ({
    token: new Secret(`token-${++count}`),
    lifeMs,
  }))
  return { token: new ExpiringToken(fetch), fetch }
}

test('all who wait share one fetch, and the token is kept', async () => {
  const { token, fetch } = counting()
  const [one, other] = await Promise.all([token.get(), token.get()])
  expect([one.reveal(), other.reveal()]).toEqual(['token-1', 'token-1'])
  vi.advanceTimersByTime(HOUR_MS - 61_000)
  expect((await token.get()).reveal()).toBe('token-1')
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('shortly before it expires a new one is got while the old one serves', async () => {
  const { token, fetch } = counting()
  await token.get()
  vi.advanceTimersByTime(HOUR_MS - 30_000)
  expect((await token.get()).reveal()).toBe('token-1')
  await vi.advanceTimersByTimeAsync(0)
  expect((await token.get()).reveal()).toBe('token-2')
  expect(fetch).toHaveBeenCalledTimes(2)
})

test('an expired one never serves', async () => {
  const { token } = counting()
  await token.get()
  vi.advanceTimersByTime(HOUR_MS)
  expect((await token.get()).reveal()).toBe('token-2')
})

test('a failure is told to all who wait, and the next one tries again', async () => {
  const { token, fetch } = counting()
  fetch.mockRejectedValueOnce(new Error('down'))
  const results = await Promise.allSettled([token.get(), token.get()])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect((await token.get()).reveal()).toBe('token-1')
})

test('a failed renewal leaves the old one in use', async () => {
  const { token, fetch } = counting()
  await token.get()
  fetch.mockRejectedValueOnce(new Error('down'))
  vi.advanceTimersByTime(HOUR_MS - 30_000)
  await token.get()
  await vi.advanceTimersByTimeAsync(0)
  expect((await token.get()).reveal()).toBe('token-1')
})
