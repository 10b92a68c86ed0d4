import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Part } from '../../core/request.ts'
import { readRequest } from './read-request.ts'

const HELLO = { model: 'a-route', input: 'Hello.' }

function failure(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

function partsOf(...input: JsonObject[]): Part[] {
  return readRequest({ ...HELLO, input }).messages.flatMap(({ parts }) => parts)
}

describe('what only a provider that keeps conversations can serve', () => {
  test.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: { id: 'conv_1' } }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['background', { background: true }],
    ['input', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ])('%s is refused with its name', (field, more) => {
    const error = failure(() => readRequest({ ...HELLO, ...more }))
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ status: 422, detail: { param: field } })
    expect(String(error)).toContain(`'${field}'`)
  })

  test('null is the same as absent', () => {
    const nulls = { previous_response_id: null, conversation: null, prompt: null, background: false }
    expect(readRequest({ ...HELLO, ...nulls, metadata: null, user: null, reasoning: null })).toEqual({
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello.' }], extras: {} }],
      stream: false,
      extras: {},
      extrasDialect: 'openai-responses',
    })
  })
})

test('further fields are extras, and what is so anyway is not', () => {
  const { extras } = readRequest({
    ...HELLO,
    include: ['reasoning.encrypted_content', 'web_search_call.action.sources'],
    metadata: { team: 'red' },
    prompt_cache_key: 'a-key',
    service_tier: 'flex',
    store: false,
    stream_options: { include_obfuscation: false },
    text: { verbosity: 'low' },
    tool_choice: { type: 'web_search_preview' },
    truncation: 'disabled',
  })
  expect(extras).toEqual({
    include: ['web_search_call.action.sources'],
    metadata: { team: 'red' },
    prompt_cache_key: 'a-key',
    service_tier: 'flex',
    tool_choice: { type: 'web_search_preview' },
    verbosity: 'low',
  })
  expect(readRequest({ ...HELLO, store: true, truncation: 'auto' }).extras).toEqual({
    store: true,
    truncation: 'auto',
  })
})

test('an effort that nobody knows is refused', () => {
  expect(failure(() => readRequest({ ...HELLO, reasoning: { effort: 'much' } }))).toMatchObject({
    status: 400,
  })
  expect(readRequest({ ...HELLO, reasoning: { effort: 'xhigh', summary: 'concise' } }).reasoning).toEqual({
    effort: 'xhigh',
    shows: 'summary',
    summary: 'concise',
  })
})

test('input that is no list of items is refused', () => {
  expect(failure(() => readRequest({ ...HELLO, input: 7 }))).toMatchObject({ status: 400 })
  expect(failure(() => readRequest({ ...HELLO, input: ['Hello.'] }))).toMatchObject({
    status: 400,
    detail: { param: 'input[0]' },
  })
})

test('instructions stand before the messages, and instructions among them keep their role', () => {
  const { messages } = readRequest({
    model: 'a-route',
    instructions: 'Be brief.',
    input: [
      { role: 'system', content: 'Be kind.' },
      { role: 'developer', content: 'Be exact.' },
    ],
  })
  expect(messages.map(({ role }) => role)).toEqual(['system', 'system', 'developer'])
})

describe('a thought', () => {
  const summary = [{ type: 'summary_text', text: 'Hm.' }]

  test('is its encrypted content when that is all there is', () => {
    expect(partsOf({ type: 'reasoning', summary, encrypted_content: 'abc' })).toEqual([
      { type: 'thinking', text: 'Hm.', state: { dialect: 'openai-responses', data: 'abc' } },
    ])
  })

  test('keeps its id and the parts of its summary', () => {
    const parts = [...summary, { type: 'summary_text', text: 'Aha.' }]
    const item = { id: 'rs_1', type: 'reasoning', summary: parts, encrypted_content: 'abc' }
    const [part] = partsOf(item)
    expect(part).toMatchObject({ type: 'thinking', text: 'Hm.\n\nAha.' })
    const data = part?.type === 'thinking' ? part.state?.data : undefined
    expect(JSON.parse(data ?? '')).toEqual({ id: 'rs_1', summary: parts, encrypted_content: 'abc' })
  })

  test('without a text is redacted, and without anything is nothing', () => {
    expect(partsOf({ type: 'reasoning', summary: [], encrypted_content: 'abc' })).toEqual([
      { type: 'redacted-thinking', state: { dialect: 'openai-responses', data: 'abc' } },
    ])
    expect(partsOf({ id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: null })).toEqual([])
  })

  test("carries another dialect's state, also that of the part beside it", () => {
    const carrier = (encrypted: string): JsonObject => ({
      id: 'rs_gw_1',
      type: 'reasoning',
      summary: [],
      encrypted_content: encrypted,
    })
    const call = { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{}' }
    expect(
      partsOf(
        carrier('gw1.own.anthropic.red'),
        carrier('gw1.next.gemini.sig'),
        call,
        { role: 'assistant', content: 'Hi.' },
        carrier('gw1.previous.gemini.end'),
      ),
    ).toEqual([
      { type: 'redacted-thinking', state: { dialect: 'anthropic', data: 'red' } },
      {
        type: 'tool-call',
        id: 'call_1',
        name: 'now',
        arguments: '{}',
        state: { dialect: 'gemini', data: 'sig' },
      },
      { type: 'text', text: 'Hi.', state: { dialect: 'gemini', data: 'end' } },
    ])
  })
})

test('content of every kind is read', () => {
  const content = [
    { type: 'input_image', file_id: 'file-1' },
    { type: 'input_file', file_data: 'AAAA' },
    { type: 'input_file', file_url: 'https://example.com/a.txt', filename: 'a.txt' },
    { type: 'input_text', text: 'Hi.', prompt_cache_breakpoint: { mode: 'explicit' } },
    { type: 'input_video', url: 'https://example.com/a.mp4' },
  ]
  expect(partsOf({ role: 'user', content })).toEqual([
    { type: 'image', source: { kind: 'file-id', id: 'file-1', dialect: 'openai' } },
    { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' } },
    { type: 'file', source: { kind: 'url', url: 'https://example.com/a.txt' }, name: 'a.txt' },
    { type: 'text', text: 'Hi.', cache: {} },
    { type: 'opaque', dialect: 'openai-responses', value: content[4] },
  ])
})

test('items of hosted tools are kept whole in the turn of the model', () => {
  const search = { id: 'ws_1', type: 'web_search_call', status: 'completed' }
  const { messages } = readRequest({
    ...HELLO,
    input: [search, { role: 'assistant', content: [{ type: 'output_text', text: 'Found.' }] }],
  })
  expect(messages).toEqual([
    {
      role: 'assistant',
      parts: [
        { type: 'opaque', dialect: 'openai-responses', value: search },
        { type: 'text', text: 'Found.' },
      ],
      extras: {},
    },
  ])
})

test('any JSON is read or refused, and never breaks the reader', () => {
  const items = fc.array(
    fc.record(
      {
        type: fc.constantFrom(
          'message',
          'reasoning',
          'function_call',
          'custom_tool_call',
          'function_call_output',
          'other',
        ),
        role: fc.jsonValue(),
        content: fc.jsonValue(),
        summary: fc.jsonValue(),
        encrypted_content: fc.jsonValue(),
        output: fc.jsonValue(),
        call_id: fc.jsonValue(),
        arguments: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    ),
  )
  fc.assert(
    fc.property(items, fc.jsonValue(), fc.jsonValue(), (input, tools, other) => {
      const body = { input, tools, tool_choice: other, text: other, reasoning: other, include: other }
      const error = failure(() => readRequest(JSON.parse(JSON.stringify(body))))
      expect(error === undefined || error instanceof GatewayError).toBe(true)
    }),
    { numRuns: 200 },
  )
})
