import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { Principal } from './access.ts'
import { isOfOwnPage, sessionCookie, Sessions, sessionTokenOf } from './sessions.ts'

const ADA: Principal = { name: 'ada', role: 'admin' }
const HOUR = 3_600_000

function asking(method: string, headers: Record<string, string>): IncomingMessage {
  return { method, headers } as unknown as IncomingMessage
}

describe('a session', () => {
  test('is of who opened it, until it is ended', () => {
    const sessions = new Sessions()
    const { token } = sessions.open(ADA)
    expect(sessions.find(token)?.principal).toBe(ADA)
    expect(sessions.find(`${token}x`)).toBeUndefined()
    sessions.end(token)
    expect(sessions.find(token)).toBeUndefined()
  })

  test('is over two hours after the last request, and twelve after its beginning whatever is asked', () => {
    let now = 0
    const sessions = new Sessions(() => now)
    const { token } = sessions.open(ADA)
    for (now = HOUR; now < 12 * HOUR; now += 1.5 * HOUR) expect(sessions.find(token)).toBeDefined()
    now = 12 * HOUR
    expect(sessions.find(token)).toBeUndefined()
    const idle = sessions.open(ADA)
    now += 2 * HOUR
    expect(sessions.find(idle.token)).toBeUndefined()
  })

  test('makes room for newer ones, the oldest first', () => {
    const sessions = new Sessions()
    const first = sessions.open(ADA)
    const others = Array.from({ length: 1000 }, () => sessions.open(ADA))
    expect(sessions.find(first.token)).toBeUndefined()
    expect(others.every(({ token }) => sessions.find(token))).toBe(true)
  })

  test('is found among other cookies', () => {
    const cookie = sessionCookie('abc', true)
    expect(cookie).toBe(
      'mlflow_gateway_session=abc; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure',
    )
    const [pair = ''] = cookie.split(';')
    expect(sessionTokenOf(asking('GET', { cookie: `x=1; ${pair}; y=2` }))).toBe('abc')
    expect(sessionTokenOf(asking('GET', { cookie: 'x=mlflow_gateway_session=abc' }))).toBeUndefined()
    expect(sessionTokenOf(asking('GET', {}))).toBeUndefined()
  })
})

const OWN = { host: '10.0.0.1:5001' }

test.each([
  ['GET', { 'sec-fetch-site': 'same-origin' }, true],
  ['GET', { 'sec-fetch-site': 'none' }, true],
  ['GET', { 'sec-fetch-site': 'same-site' }, false],
  ['GET', { 'sec-fetch-site': 'cross-site' }, false],
  ['GET', {}, true],
  ['POST', { 'sec-fetch-site': 'same-origin' }, true],
  ['POST', { 'sec-fetch-site': 'none' }, false],
  ['POST', { 'sec-fetch-site': 'same-site', origin: 'http://10.0.0.1:5001' }, false],
  ['POST', {}, false],
  ['POST', { origin: 'http://10.0.0.1:5001' }, true],
  ['POST', { origin: 'http://10.0.0.1:5002' }, false],
  ['DELETE', { origin: 'null' }, false],
])('%s with %j is of a page of this server: %s', (method, headers, isOwn) => {
  expect(isOfOwnPage(asking(method, { ...OWN, ...headers }))).toBe(isOwn)
})
