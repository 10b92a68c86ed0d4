import { describe, expect, test } from 'vitest'
import { redact } from './redact.ts'

describe('a text is kept without', () => {
  test.each([
    ['a key of OpenAI', `key sk-proj-${'aB3'.repeat(12)} end`],
    ['a key of the gateway', `key mgw_${'Ab0'.repeat(12)} end`],
    ['a key of AWS', 'key AKIAIOSFODNN7EXAMPLE end'],
    ['a key of Google', `key AIza${'x'.repeat(35)} end`],
    ['a token of GitHub', `key ghp_${'a1'.repeat(18)} end`],
    ['a token of Slack', 'key xoxb-1234567890-abcdef end'],
    ['a token of an identity provider', `key eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl end`],
    ['a header', `key Bearer ${'abc.'.repeat(8)}x end`],
    ['a private key', String.raw`key -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- end`],
  ])('%s', (_name, text) => {
    expect(redact(text, [])).toBe('key [redacted] end')
  })

  test.each([
    ['{"api_key":"canary"}', '{"api_key":"[redacted]"}'],
    [String.raw`{"Password" : "can\"ary", "b": 1}`, '{"Password" : "[redacted]", "b": 1}'],
    ['{"openai_api_key":"canary","x":"y"}', '{"openai_api_key":"[redacted]","x":"y"}'],
    ['{"a":{"client_secret":"cana', '{"a":{"client_secret":"[redacted]'],
  ])('the values of credentials in %s', (text, wanted) => {
    expect(redact(text, [])).toBe(wanted)
  })

  test('what the route says', () => {
    expect(redact('my number is 123-45-6789.', [/\b\d{3}-\d{2}-\d{4}\b/g])).toBe('my number is [redacted].')
  })

  test('nothing else', () => {
    const text = '{"max_tokens":5,"messages":[{"role":"user","content":"What is a bearer? A skeleton key!"}]}'
    expect(redact(text, [])).toBe(text)
  })
})
