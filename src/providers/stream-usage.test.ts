import { expect, test } from 'vitest'
import { Cancellation } from '../core/cancel.ts'
import type { Attempt } from '../core/provider.ts'
import { openAiChat, openAiEmbeddings } from '../dialects/openai/index.ts'
import { askForUsage } from './stream-usage.ts'

function attempt(changes: Partial<Attempt>): Attempt {
  return { format: openAiChat, stream: true, body: '{"a":1}', signal: new Cancellation(), ...changes }
}

test.each([
  ['a text', '{"a":1}'],
  ['bytes', Buffer.from('{"a":1}')],
])('a stream asks for its usage, in %s', (_what, body) => {
  expect(askForUsage(attempt({ body })).toString()).toBe('{"stream_options":{"include_usage":true},"a":1}')
})

test('nothing else does', () => {
  for (const changes of [{ stream: false }, { format: openAiEmbeddings }] as const) {
    const asked = attempt(changes)
    expect(askForUsage(asked)).toBe(asked.body)
  }
})

test('a client that asked for it already keeps its own bytes', () => {
  const body = '{ "stream_options": {"include_usage":true}, "big": 12345678901234567890 }'
  expect(askForUsage(attempt({ body }))).toBe(body)
})

test.each([
  ['for no usage', { include_usage: false }, { include_usage: true }],
  ['for something else', { include_obfuscation: false }, { include_obfuscation: false, include_usage: true }],
  ['for nothing', null, { include_usage: true }],
])('a client that asked %s is asked for nevertheless', (_what, options, expected) => {
  const body = JSON.stringify({ a: 1, stream_options: options })
  expect(JSON.parse(askForUsage(attempt({ body })).toString())).toEqual({ a: 1, stream_options: expected })
})

test('a message that speaks of it does not count', () => {
  const body = JSON.stringify({ messages: [{ content: 'what is "stream_options"?' }] })
  expect(askForUsage(attempt({ body }))).toContain('{"stream_options":{"include_usage":true},')
})
