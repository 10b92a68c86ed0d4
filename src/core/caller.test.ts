import { describe, expect, test } from 'vitest'
import { Caller } from './caller.ts'

function caller(headers: Record<string, string | string[]> = {}, search = ''): Caller {
  return new Caller({ headers, search: new URLSearchParams(search) })
}

describe('a caller', () => {
  test('has the first of a header that was sent several times', () => {
    const who = caller({ 'x-tier': ['free', 'paid'], 'x-team': 'a', 'x-none': [] })
    expect(['x-tier', 'x-team', 'x-none', 'x-other'].map((name) => who.header(name))).toEqual([
      'free',
      'a',
      undefined,
      undefined,
    ])
  })
})

describe('the tenant of a caller', () => {
  test('is anonymous without a credential, and for all such', () => {
    expect(caller().tenant).toBe('anonymous')
    expect(caller({ 'user-agent': 'a' }, 'alt=sse').tenant).toBe('anonymous')
  })

  test.each(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'])(
    'is one for each credential in %s, and does not show it',
    (name) => {
      const [one, same, other] = ['sk-canary-1', 'sk-canary-1', 'sk-canary-2'].map(
        (key) => caller({ [name]: key }).tenant,
      )
      expect(one).toBe(same)
      expect(one).not.toBe(other)
      expect(one).not.toContain('canary')
    },
  )

  test("may be told by Gemini's key in the query", () => {
    expect(caller({}, 'key=a').tenant).not.toBe(caller({}, 'key=b').tenant)
    expect(caller({}, 'key=a').tenant).not.toBe('anonymous')
  })

  test('stays the same', () => {
    const who = caller({ authorization: 'Bearer a' })
    expect(who.tenant).toBe(who.tenant)
  })
})
