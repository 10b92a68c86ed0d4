import { describe, expect, test } from 'vitest'
import { makeCall } from '../../../test/support/call.ts'
import { holds } from './condition.ts'

function chat(stream: boolean, headers: Record<string, string> = {}): ReturnType<typeof makeCall> {
  return makeCall(JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], stream }), { headers })
}

describe('a condition', () => {
  test.each([
    ['has the value', { 'x-tier': 'free' }, true],
    ['has another of the values', { 'x-tier': 'trial' }, true],
    ['has a value that is not one of them', { 'x-tier': 'Free' }, false],
    ['has an empty value', { 'x-tier': '' }, false],
    ['has no such header', {}, false],
  ])('on a header, for a request that %s', (_what, headers, expected) => {
    const condition = { headers: new Map([['x-tier', ['free', 'trial']]]) }
    expect(holds(condition, chat(false, headers))).toBe(expected)
  })

  test('on several headers wants every one', () => {
    const condition = {
      headers: new Map([
        ['x-tier', ['free']],
        ['x-team', ['a']],
      ]),
    }
    expect(holds(condition, chat(false, { 'x-tier': 'free', 'x-team': 'a' }))).toBe(true)
    expect(holds(condition, chat(false, { 'x-tier': 'free' }))).toBe(false)
  })

  test.each([true, false])('on a stream wants or refuses one: %s', (stream) => {
    expect(holds({ headers: new Map(), stream }, chat(stream))).toBe(true)
    expect(holds({ headers: new Map(), stream }, chat(!stream))).toBe(false)
  })

  test('on nothing always holds', () => {
    expect(holds({ headers: new Map() }, chat(true))).toBe(true)
  })

  test('takes what cannot be streamed for no stream', () => {
    const call = makeCall('{"input":"a"}', { type: 'llm/v1/embeddings' })
    expect(holds({ headers: new Map(), stream: false }, call)).toBe(true)
    expect(holds({ headers: new Map(), stream: true }, call)).toBe(false)
  })
})
