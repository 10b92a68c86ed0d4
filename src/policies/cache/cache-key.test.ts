import { describe, expect, test } from 'vitest'
import { cacheCall, CHAT, STREAMED_CHAT, type CacheRequest } from '../../../test/support/cache-call.ts'
import { anthropic } from '../../dialects/anthropic/client.ts'
import { mlflow } from '../../dialects/mlflow/index.ts'
import { keyOf, type KeySetup } from './cache-key.ts'

const SETUP: KeySetup = { route: 'r', scope: 'key', varyHeaders: ['x-tier'], fingerprint: 'f' }
const ALICE = { authorization: 'Bearer sk-alice' }
const BOB = { authorization: 'Bearer sk-bob' }

function key(request: CacheRequest = {}, setup: Partial<KeySetup> = {}): string | undefined {
  return keyOf(cacheCall({ headers: ALICE, ...request }), { ...SETUP, ...setup })
}

describe('the key', () => {
  test('has the tenant and the route in front of a digest, and no credential', () => {
    expect(key()).toMatch(/^cache:1:key-[\w-]{43}:r:[\w-]{43}$/)
    expect(key()).not.toContain('sk-alice')
    expect(key({}, { scope: 'route' })).toMatch(/^cache:1:route:r:[\w-]{43}$/)
  })

  test('is the same for the same request in another spelling', () => {
    expect(key({ body: ` {"messages" : [{"content":"hi", "role":"user"}], "model":"r"}` })).toBe(key())
  })

  test('is shared by callers only where the route says so', () => {
    expect(key({ headers: BOB })).not.toBe(key())
    expect(key({ headers: {} })).not.toBe(key())
    expect(key({ headers: BOB }, { scope: 'route' })).toBe(key({}, { scope: 'route' }))
  })

  test("leaves out a credential in the query, which is the scope's matter", () => {
    const one = key({ search: 'key=one&alt=sse' }, { scope: 'route' })
    expect(one).toBe(key({ search: 'alt=sse&key=two' }, { scope: 'route' }))
    expect(one).not.toBe(key({}, { scope: 'route' }))
  })

  test.each<[string, CacheRequest]>([
    ['another body', { body: CHAT.replace('hi', 'ho') }],
    ['a stream', { body: STREAMED_CHAT }],
    ['another value of a header that is named', { headers: { ...ALICE, 'x-tier': 'free' } }],
    ['a query', { search: 'a=b' }],
  ])('is another one for %s', (_what, request) => {
    expect(key(request)).toBeDefined()
    expect(key(request)).not.toBe(key())
  })

  test('is another one for the same bytes at another endpoint', () => {
    const asked = { dialect: mlflow, body: '{"messages":[{"role":"user","content":"hi"}]}' }
    const [one, other] = ['gateway', 'endpoints'].map((place) =>
      key({ ...asked, endpoint: `/${place}/:route/invocations` }),
    )
    expect(one).toBeDefined()
    expect(one).not.toBe(other)
  })

  test("is another one for other headers of the client's dialect", () => {
    const asked = {
      dialect: anthropic,
      endpoint: '/v1/messages',
      body: CHAT.replace('{', '{"max_tokens":5,'),
    }
    const beta = key({ ...asked, headers: { ...ALICE, 'anthropic-beta': 'context-1m' } })
    expect(beta).toBeDefined()
    expect(beta).not.toBe(key(asked))
  })

  test('is another one for another route, and when the route is configured otherwise', () => {
    expect(key({}, { route: 's' })).not.toBe(key())
    expect(key({}, { fingerprint: 'g' })).not.toBe(key())
  })

  test('does not depend on other headers', () => {
    expect(key({ headers: { ...ALICE, 'user-agent': 'x', traceparent: 'y' } })).toBe(key())
  })

  test('is none for what is not kept', () => {
    const { asked, ...call } = cacheCall()
    expect(keyOf(call, SETUP)).toBeUndefined()
    expect(keyOf({ ...call, asked: { ...asked, body: Buffer.from('{') } }, SETUP)).toBeUndefined()
    const count = { dialect: anthropic, endpoint: '/v1/messages/count_tokens' }
    expect(key(count)).toBeUndefined()
  })

  test.each<[string, CacheRequest]>([
    [
      'completions',
      { endpoint: '/v1/completions', type: 'llm/v1/completions', body: '{"model":"r","prompt":"a"}' },
    ],
    [
      'embeddings',
      { endpoint: '/v1/embeddings', type: 'llm/v1/embeddings', body: '{"model":"r","input":"a"}' },
    ],
  ])('is there for %s too', (_what, request) => {
    expect(key(request)).toBeDefined()
  })
})
