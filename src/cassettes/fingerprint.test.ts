import { describe, expect, test } from 'vitest'
import { differences, fingerprintOf, requestKey } from './fingerprint.ts'

const ask = { format: 'openai-chat', stream: false }

function keyOf(body: unknown, asked = ask): string {
  return requestKey(asked, fingerprintOf(JSON.stringify(body)))
}

const BODY = { model: 'a', messages: [{ role: 'user', content: 'hi' }], temperature: 1 }

describe('the key of a request', () => {
  test.each([
    ['the order of members', { temperature: 1, messages: [{ content: 'hi', role: 'user' }], model: 'a' }],
    ['the model', { ...BODY, model: 'b' }],
    ['whose request it is', { ...BODY, user: 'u', metadata: { user_id: 'x' }, safety_identifier: 's' }],
    ['the key of a prompt cache', { ...BODY, prompt_cache_key: 'k' }],
    ['how a stream is asked for', { ...BODY, stream: false, stream_options: { include_usage: true } }],
  ])('leaves out %s', (_what, body) => {
    expect(keyOf(body)).toBe(keyOf(BODY))
  })

  test.each([
    ['a message', { ...BODY, messages: [{ role: 'user', content: 'ho' }] }],
    ['an order of messages', { ...BODY, messages: [...BODY.messages, ...BODY.messages] }],
    ['a parameter', { ...BODY, temperature: 0 }],
    ['a parameter more', { ...BODY, seed: 1 }],
  ])('tells apart %s', (_what, body) => {
    expect(keyOf(body)).not.toBe(keyOf(BODY))
  })

  test('tells formats and streams apart', () => {
    const keys = [ask, { ...ask, stream: true }, { ...ask, format: 'x' }].map((asked) => keyOf(BODY, asked))
    expect(new Set(keys).size).toBe(3)
  })

  test('is made of a body that is no JSON too', () => {
    expect(requestKey(ask, fingerprintOf('--a'))).not.toBe(requestKey(ask, fingerprintOf('--b')))
  })
})

describe('differences', () => {
  test('are places in the requests, down to the item of a list', () => {
    const other = { ...BODY, messages: [...BODY.messages, { role: 'user', content: 'secret text' }], seed: 1 }
    const found = differences(fingerprintOf(JSON.stringify(BODY)), fingerprintOf(JSON.stringify(other)))
    expect(found).toEqual(['messages[1]', 'seed'])
  })

  test('quote no name that could be a text', () => {
    const [place] = differences(fingerprintOf('{}'), fingerprintOf('{"what a patient said": 1}'))
    expect(place).toMatch(/^member [\w-]{8}$/)
  })
})
