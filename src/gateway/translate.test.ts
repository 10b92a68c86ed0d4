import { describe, expect, test } from 'vitest'
import { makeChat } from '../../test/support/call.ts'
import type { Provider } from '../core/provider.ts'
import { anthropicMessages } from '../dialects/anthropic/index.ts'
import { parseFrames } from '../wire/sse.ts'
import { TranslateTransform } from './translate.ts'

const TARGET: Provider = {
  name: 'anthropic',
  model: 'claude',
  formats: [anthropicMessages],
  send: () => Promise.reject(new Error('not called')),
  secrets: [],
  close: () => Promise.resolve(),
}

function transformFor(showsUsage = false): TranslateTransform {
  const options = showsUsage ? ',"stream_options":{"include_usage":true}' : ''
  const request = makeChat(`{"messages":[{"role":"user","content":"hi"}],"stream":true${options}}`)
  return new TranslateTransform({ request, format: anthropicMessages, provider: TARGET })
}

function event(type: string, more: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
}

const START = event('message_start', { message: { id: 'm1', model: 'claude', usage: { input_tokens: 3 } } })
const OPEN = event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
const HI = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hi' } })
const CLOSE = event('content_block_stop', { index: 0 })
const REASON = event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } })
const STOP = event('message_stop')
const ERROR = event('error', { error: { type: 'overloaded_error', message: 'Overloaded.' } })

function run(
  pieces: readonly string[],
  rest = '',
  transform = transformFor(),
): TranslateTransform & { text: string } {
  let text = ''
  for (const piece of pieces) text += transform.events(Buffer.from(piece))
  if (!transform.failure) text += transform.end(Buffer.from(rest))
  return Object.assign(transform, { text })
}

function deltas(text: string): unknown[] {
  return parseFrames(text).map(({ data }) => {
    const chunk: { choices: { delta: { content: unknown }; finish_reason: unknown }[] } = JSON.parse(data)
    return [chunk.choices[0]?.delta.content, chunk.choices[0]?.finish_reason]
  })
}

describe('a stream that is translated', () => {
  test("speaks the client's words", () => {
    const { text, usage, failure } = run([START + OPEN, HI, CLOSE + REASON, STOP])
    expect(deltas(text)).toEqual([
      ['', null],
      ['Hi', null],
      [null, 'stop'],
    ])
    expect(usage).toMatchObject({ inputTokens: 3, outputTokens: 2 })
    expect(failure).toBeUndefined()
  })

  test('has content from the first piece on, not before', () => {
    const transform = transformFor()
    transform.events(Buffer.from(START + OPEN))
    expect(transform.hasContent).toBe(false)
    transform.events(Buffer.from(HI))
    expect(transform.hasContent).toBe(true)
  })

  test('may end without the blank line of its last event', () => {
    const { failure, text } = run([START, OPEN, HI, CLOSE, REASON], STOP.trimEnd(), transformFor(true))
    expect(failure).toBeUndefined()
    expect(text).toContain('"usage":{"prompt_tokens":3')
  })

  test.each([
    ['in the middle', [START, OPEN, HI]],
    ['before the end marker', [START, OPEN, HI, CLOSE]],
    ['at once', []],
  ])('that ends %s is a failure', (_where, pieces) => {
    expect(run(pieces).failure).toMatchObject({ kind: 'truncated', status: 502 })
  })

  test('that fails shows what came before its error, also within one run', () => {
    const { text, failure, hasContent } = run([START + OPEN + HI + ERROR + HI])
    expect(deltas(text)).toEqual([
      ['', null],
      ['Hi', null],
    ])
    expect(hasContent).toBe(true)
    expect(failure).toMatchObject({ message: 'Overloaded.', kind: 'overloaded' })
  })
})
