import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, Message, Part } from '../../core/request.ts'
import { readChatRequest } from './read-request.ts'
import { writeChatRequest } from './write-request.ts'

const TARGET = { model: 'm' }

function says(role: string, ...parts: Part[]): Message {
  return { role, parts, extras: {} }
}

const HI = says('user', { type: 'text', text: 'Hi' })

function write(fields: Partial<ChatRequest>): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = writeChatRequest({ messages: [HI], stream: false, extras: {}, ...fields }, TARGET)
  return { body: JSON.parse(body), dropped }
}

test('a request of Cohere comes out as it went in', () => {
  const body = {
    model: 'm',
    messages: [
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] },
      {
        role: 'assistant',
        tool_plan: 'I will look.',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      {
        role: 'tool',
        tool_call_id: 'c',
        content: [{ type: 'document', document: { id: '1', data: { title: 'A', snippet: 'B' } } }],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.' },
          { type: 'text', text: 'A.' },
        ],
        citations: [{ start: 0, end: 1, text: 'A', sources: [], content_index: 1 }],
      },
      { role: 'user', content: 'And?' },
    ],
    stream: true,
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
    strict_tools: true,
    documents: ['A document.'],
    safety_mode: 'STRICT',
  }
  const { body: written, dropped } = writeChatRequest(readChatRequest(body), TARGET)
  expect(JSON.parse(written)).toEqual(body)
  expect(dropped).toEqual([])
})

describe('what Cohere has no place for', () => {
  test('are extras of another dialect', () => {
    expect(write({ extras: { metadata: {} }, extrasDialect: 'openai' }).dropped).toEqual(['metadata'])
  })

  test('are penalties below 0 and above 1', () => {
    const { body, dropped } = write({ presencePenalty: -1, frequencyPenalty: 1.5 })
    expect(body).toMatchObject({ presence_penalty: 0, frequency_penalty: 1 })
    expect(dropped).toEqual(['presencePenalty', 'frequencyPenalty'])
  })

  test('are files and choices of a tool that is not there', () => {
    const source = { kind: 'url', url: 'https://example.com/a.pdf' } as const
    const file = says('user', { type: 'file', source })
    expect(() => write({ messages: [file] })).toThrow(expect.objectContaining({ status: 422 }))
    expect(() => write({ toolChoice: { type: 'tool', name: 'f' } })).toThrow(
      expect.objectContaining({ status: 422, parameter: 'toolChoice' }),
    )
  })

  test('is strictness for some tools only', () => {
    const tool = { type: 'function', name: 'f', parameters: {} } as const
    expect(write({ tools: [{ ...tool, strict: true }, tool] }).dropped).toEqual(['tools.strict'])
  })
})

test('documents given as text stand beside the conversation, after those that were there', () => {
  const source = { kind: 'text', text: 'B.' } as const
  const message = says('user', { type: 'file', source, name: 'b' }, { type: 'text', text: 'Hi' })
  const { body } = write({ messages: [message], extras: { documents: ['A.'] } })
  expect(body).toMatchObject({
    messages: [{ role: 'user', content: 'Hi' }],
    documents: ['A.', { id: 'b', data: { text: 'B.' } }],
  })
})

test('both ends of top_p are moved to where Cohere takes them', () => {
  expect([write({ topP: 0 }).body['p'], write({ topP: 1 }).body['p']]).toEqual([0.01, 0.99])
})

test('pictures of several results follow the last of them', () => {
  const picture: Part = { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }
  const result = (callId: string): Message => says('tool', { type: 'tool-result', callId, parts: [picture] })
  const { body } = write({ messages: [result('a'), result('b'), HI] })
  const roles = (body['messages'] as JsonObject[]).map(({ role }) => role)
  expect(roles).toEqual(['tool', 'tool', 'user', 'user'])
})
