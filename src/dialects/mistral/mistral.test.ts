import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectReply, textOf } from '../../core/collect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, Message, Part } from '../../core/request.ts'
import { mistralChat, mistralEmbeddings } from './index.ts'
import { toolCallId } from './tool-call-id.ts'

const target = { model: 'mistral-small-latest' }

function message(role: string, ...parts: Part[]): Message {
  return { role, parts, extras: {} }
}

function write(changes: Partial<ChatRequest>): { body: JsonObject; dropped: string[] } {
  const text = { type: 'text', text: 'Hi' } as const
  const request = { messages: [message('user', text)], stream: false, extras: {}, ...changes }
  const { body, dropped } = mistralChat.write(request, target)
  return { body: JSON.parse(body), dropped }
}

describe('a chat for Mistral', () => {
  test('has its words for the seed and for a tool that must be called', () => {
    const tools = [{ type: 'function', name: 'f', parameters: {} } as const]
    const { body, dropped } = write({
      seed: 7,
      toolChoice: { type: 'required' },
      tools,
      parallelToolCalls: false,
    })
    expect(body).toMatchObject({
      model: 'mistral-small-latest',
      random_seed: 7,
      tool_choice: 'any',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(body).not.toHaveProperty('seed')
    expect(dropped).toEqual([])
  })

  test('never has a member that it would refuse', () => {
    const { body, dropped } = write({
      topK: 3,
      logitBias: { '1': 1 },
      endUser: 'u',
      extras: { safe_prompt: true, service_tier: 'flex' },
      extrasDialect: 'openai',
    })
    expect(Object.keys(body).toSorted()).toEqual(['messages', 'model', 'safe_prompt'])
    expect(dropped.toSorted()).toEqual(['endUser', 'logitBias', 'service_tier', 'topK'])
  })

  test('names the extras of another dialect as dropped, whatever they are called', () => {
    expect(write({ extras: { metadata: { user_id: 'u' } }, extrasDialect: 'anthropic' })).toMatchObject({
      dropped: ['metadata'],
    })
  })

  test('has documents by URL, and instructions in the role that it knows', () => {
    const pdf = { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' } as const
    const { body } = write({
      messages: [
        message('developer', { type: 'text', text: 'Be brief.' }),
        message('user', { type: 'text', text: 'Read' }, { type: 'file', source: pdf, name: 'a.pdf' }),
      ],
    })
    expect(body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Read' },
          { type: 'document_url', document_url: 'data:application/pdf;base64,AAAA', document_name: 'a.pdf' },
        ],
      },
    ])
  })

  test('has ids of nine characters for calls and their results', () => {
    const { body, dropped } = write({
      messages: [
        message(
          'assistant',
          { type: 'thinking', text: 'Hm' },
          { type: 'tool-call', id: 'call_abc', name: 'f', arguments: '{}' },
        ),
        message('tool', { type: 'tool-result', callId: 'call_abc', parts: [{ type: 'text', text: 'ok' }] }),
      ],
    })
    const id = toolCallId('call_abc')
    expect(body['messages']).toMatchObject([
      { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: id, content: 'ok' },
    ])
    expect(JSON.stringify(body)).not.toContain('Hm')
    expect(dropped).toEqual(['messages.thinking'])
  })

  test('says that an answer which was begun is to be gone on with', () => {
    const { body } = write({ messages: [message('assistant', { type: 'text', text: 'Once' })] })
    expect(body['messages']).toEqual([{ role: 'assistant', content: 'Once', prefix: true }])
  })
})

describe("a call's id", () => {
  test('stays when it is one of Mistral', () => {
    expect(toolCallId('g6fVbXS8K')).toBe('g6fVbXS8K')
  })

  test('is nine letters and digits, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (id) => {
        expect(toolCallId(id)).toMatch(/^[a-zA-Z0-9]{9}$/)
        expect(toolCallId(id)).toBe(toolCallId(id))
      }),
    )
  })
})

function choice(content: unknown, reason: string | null = 'stop'): string {
  const message = { role: 'assistant', content, tool_calls: null }
  return JSON.stringify({ id: 'i', model: 'm', choices: [{ index: 0, message, finish_reason: reason }] })
}

const THOUGHT = [
  { type: 'thinking', thinking: [{ type: 'text', text: 'Two and two.' }], closed: true },
  { type: 'text', text: '4' },
]

describe('an answer of Mistral', () => {
  test('may hold its thinking in a list', () => {
    const reply = collectReply(mistralChat.reader(target).whole(choice(THOUGHT)))
    const [candidate] = reply.candidates
    if (!candidate) throw new Error('no candidate')
    expect([textOf(candidate, 'thinking'), textOf(candidate, 'text')]).toEqual(['Two and two.', '4'])
  })

  test('streams it so as well', () => {
    const reader = mistralChat.reader(target)
    const chunk = (content: unknown, finish_reason: string | null = null): string =>
      JSON.stringify({ id: 'i', choices: [{ index: 0, delta: { content }, finish_reason }] })
    const frames = [chunk([THOUGHT[0]]), chunk([THOUGHT[1]]), chunk('', 'stop'), '[DONE]']
    const reply = collectReply(frames.flatMap((data) => reader.frame({ data })))
    expect(reply.candidates[0]?.parts).toMatchObject([
      { kind: 'thinking', text: 'Two and two.' },
      { kind: 'text', text: '4' },
    ])
  })

  test('ends at the length of the model as at any other length', () => {
    const reply = collectReply(mistralChat.reader(target).whole(choice('x', 'model_length')))
    expect(reply.candidates[0]?.end?.reason).toBe('length')
  })

  test.each(['{"choices":[{"message":{"content":[1,null]}}]}', '{"content":['])(
    'may be anything: %s',
    (body) => {
      const read = (): unknown => mistralChat.reader(target).whole(body)
      try {
        expect(read()).toBeInstanceOf(Array)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'bad_response' })
      }
    },
  )
})

test.each([
  [
    '{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}',
    'Invalid model: x',
    'model_not_found',
  ],
  [
    '{"detail":[{"loc":["body","user"],"msg":"Extra inputs are not permitted"}]}',
    'body.user: Extra inputs are not permitted',
    'bad_request',
  ],
  ['{"message":{"detail":[{"loc":["body"],"msg":"a"},{"msg":"b"}]}}', 'body: a; b', 'bad_request'],
  ['{"message":"Unauthorized","request_id":"r"}', 'Unauthorized', 'bad_request'],
])('a refusal keeps its message: %s', (body, message, kind) => {
  expect(mistralChat.readError(400, 'application/json', body)).toMatchObject({ message, kind })
})

test('vectors are asked for by its word for their length', () => {
  const request = { input: ['a'], dimensions: 8, purpose: 'clustering', extras: { user: 'u' } }
  const { body, dropped } = mistralEmbeddings.write(request, { model: 'codestral-embed' })
  expect(JSON.parse(body)).toEqual({ model: 'codestral-embed', input: ['a'], output_dimension: 8 })
  expect(dropped).toEqual(['user', 'purpose'])
})
