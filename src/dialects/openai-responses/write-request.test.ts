import { describe, expect, test } from 'vitest'
import { asArray, asObject, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, Part } from '../../core/request.ts'
import { readRequest } from './read-request.ts'
import { writeChat, writeCount } from './write-request.ts'

const user = (...parts: Part[]): ChatRequest['messages'][number] => ({ role: 'user', parts, extras: {} })

function chat(more: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [user({ type: 'text', text: 'Hello.' })], stream: false, extras: {}, ...more }
}

function write(request: ChatRequest, model = 'a-model'): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = writeChat(request, { model })
  return { body: asObject(JSON.parse(body)), dropped }
}

function inputOf(request: ChatRequest): unknown[] {
  return asArray(write(request).body['input'])
}

/** A client's body of this dialect, read and written again. */
function again(body: JsonObject): { body: JsonObject; dropped: string[] } {
  return write(readRequest({ input: 'Hello.', ...body }))
}

test('a function that says nothing of it is not strict, as the API would make it', () => {
  const tool = { type: 'function', name: 'now', parameters: {} } as const
  expect(write(chat({ tools: [tool] })).body['tools']).toEqual([
    { type: 'function', name: 'now', parameters: { type: 'object', properties: {} }, strict: false },
  ])
})

test('a bound that the API would refuse becomes the smallest, and that is said', () => {
  const { body, dropped } = write(chat({ maxTokens: 1 }))
  expect(body['max_output_tokens']).toBe(16)
  expect(dropped).toEqual(['maxTokens'])
})

test('several candidates are refused, one is not', () => {
  expect(() => write(chat({ candidates: 2 }))).toThrow(
    expect.objectContaining({ status: 422, parameter: 'candidates' }),
  )
  expect(write(chat({ candidates: 1 })).dropped).toEqual([])
})

test("a dialect's own default of the temperature is left out for models that take none", () => {
  const request = chat({ temperature: 0, temperatureIsDefault: true })
  expect(write(request, 'gpt-5.5').body).not.toHaveProperty('temperature')
  expect(write(request, 'gpt-4o').body).toHaveProperty('temperature', 0)
})

test('the model is left out where the URL has it', () => {
  const { body } = writeChat(chat(), { model: 'a-model', omitsModel: true })
  expect(JSON.parse(body)).not.toHaveProperty('model')
})

describe('extras', () => {
  test('of chat completions that mean the same here go on', () => {
    const { body, dropped } = write(
      chat({
        extrasDialect: 'openai',
        extras: { service_tier: 'flex', verbosity: 'low', store: true, prediction: { type: 'content' } },
      }),
    )
    expect(body).toMatchObject({ service_tier: 'flex', text: { verbosity: 'low' }, store: true })
    expect(dropped).toEqual(['prediction'])
  })

  test('of other dialects are named', () => {
    const { body, dropped } = write(
      chat({ extrasDialect: 'anthropic', extras: { metadata: {}, container: 'c' } }),
    )
    expect(body).not.toHaveProperty('metadata')
    expect(dropped).toEqual(['metadata', 'container'])
  })

  test('of this dialect are where they were', () => {
    const body: JsonObject = {
      include: ['reasoning.encrypted_content', 'file_search_call.results'],
      store: true,
      text: { format: { type: 'json_object' }, verbosity: 'high' },
      tool_choice: { type: 'file_search' },
      tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }],
      truncation: 'auto',
    }
    expect(again(body)).toEqual({
      body: { ...body, model: 'a-model', input: [{ role: 'user', content: 'Hello.' }] },
      dropped: [],
    })
  })

  test('never take the place of a field', () => {
    const { body, dropped } = write(chat({ extras: { input: 'Something else.', truncation: 'auto' } }))
    expect(body['input']).toEqual([{ role: 'user', content: 'Hello.' }])
    expect(body['truncation']).toBe('auto')
    expect(dropped).toEqual(['input'])
  })
})

test('items of this dialect are the same again', () => {
  const input: JsonObject[] = [
    {
      id: 'rs_1',
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: 'Hm.' },
        { type: 'summary_text', text: 'Aha.' },
      ],
      encrypted_content: 'abc',
    },
    { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Raw.' }] },
    { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'cats' } },
    {
      role: 'assistant',
      content: [
        {
          type: 'output_text',
          text: 'Cats.',
          annotations: [{ type: 'file_citation', file_id: 'f', index: 1 }],
        },
      ],
      phase: 'final_answer',
    },
    {
      type: 'function_call_output',
      call_id: 'call_1',
      output: [
        { type: 'input_text', text: 'a' },
        { type: 'input_text', text: 'b' },
      ],
    },
    { type: 'compaction', encrypted_content: 'xyz' },
  ]
  expect(again({ input })).toMatchObject({ body: { input }, dropped: [] })
})

test('calls without an id get one that their results know', () => {
  const messages = [
    {
      role: 'assistant',
      parts: [{ type: 'tool-call' as const, id: '', name: 'now', arguments: '' }],
      extras: {},
    },
    { role: 'tool', parts: [{ type: 'tool-result' as const, callId: '', parts: [] }], extras: {} },
  ]
  expect(inputOf(chat({ messages }))).toEqual([
    { type: 'function_call', call_id: 'call_0', name: 'now', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_0', output: '' },
  ])
})

test('documents as text are texts, and files of another provider are refused', () => {
  expect(
    inputOf(chat({ messages: [user({ type: 'file', source: { kind: 'text', text: 'Doc.' } })] })),
  ).toEqual([{ role: 'user', content: [{ type: 'input_text', text: 'Doc.' }] }])
  const image: Part = { type: 'image', source: { kind: 'file-id', id: 'f', dialect: 'anthropic' } }
  expect(() => write(chat({ messages: [user(image)] }))).toThrow(
    expect.objectContaining({ status: 422, parameter: 'messages' }),
  )
})

test('what only other dialects know is left out and named', () => {
  const { body, dropped } = write(
    chat({
      messages: [user({ type: 'text', text: 'Hello.' }, { type: 'opaque', dialect: 'gemini', value: {} })],
      tools: [{ type: 'hosted', dialect: 'gemini', value: { googleSearch: {} } }],
    }),
  )
  expect(body).not.toHaveProperty('tools')
  expect(dropped).toEqual(['tools.hosted', 'messages.opaque'])
})

test('tokens are counted for all that the model reads', () => {
  const { body } = writeCount(chat({ maxTokens: 5, temperature: 1, stream: true }), { model: 'a-model' })
  expect(JSON.parse(body)).toEqual({ model: 'a-model', input: [{ role: 'user', content: 'Hello.' }] })
})
