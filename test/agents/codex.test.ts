import { describe, expect, test } from 'vitest'
import type { ChatClientRequest, ChatFormat } from '../../src/core/dialect.ts'
import type { ReplyEvent } from '../../src/core/events.ts'
import { asArray, asObject, type JsonObject } from '../../src/core/json.ts'
import { anthropicMessages } from '../../src/dialects/anthropic/index.ts'
import { openAiResponsesApi } from '../../src/dialects/openai-responses/client.ts'
import { openAiResponses } from '../../src/dialects/openai-responses/index.ts'
import { openAiChat } from '../../src/dialects/openai/index.ts'
import { parseFrames } from '../../src/wire/sse.ts'
import { chatAt } from '../scenarios/support.ts'
import { codexRequest, PATCH } from './codex.ts'

const ENCRYPTED = 'gAAAAABencrypted'

function codex(encrypted = ENCRYPTED): ChatClientRequest {
  return chatAt(openAiResponsesApi, '/v1/responses', { body: codexRequest(encrypted) })
}

function write(format: ChatFormat): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = format.write(codex().chat(), { model: 'a-model' })
  return { body: asObject(JSON.parse(body)), dropped }
}

describe('a request of Codex', () => {
  test('passes through to a provider of the same API', () => {
    const body = codex().passThrough('openai-responses', { model: 'gpt-5.5' })
    expect(JSON.parse(String(body))).toEqual({ ...codexRequest(ENCRYPTED), model: 'gpt-5.5' })
  })

  test('does not pass through when it carries the state of another model', () => {
    const request = codex('gw1.own.anthropic.c2lnbmF0dXJl')
    expect(request.passThrough('openai-responses', { model: 'gpt-5.5' })).toBeUndefined()
    const { body, dropped } = openAiResponses.write(request.chat(), { model: 'gpt-5.5' })
    expect(body).not.toContain('c2lnbmF0dXJl')
    expect(dropped).toEqual(['messages.thinking'])
  })

  test('is one turn of the model per answer', () => {
    const { messages } = codex().chat()
    expect(messages.map(({ role, parts }) => `${role}: ${parts.map(({ type }) => type).join(' ')}`)).toEqual([
      'system: text',
      'developer: text',
      'user: text text',
      'user: text',
      'assistant: thinking text tool-call',
      'tool: tool-result',
      'assistant: tool-call',
      'tool: tool-result',
    ])
  })

  test('is the same again for a provider of the same API', () => {
    const { body, dropped } = write(openAiResponses)
    const { tools, reasoning, text, prompt_cache_key } = codexRequest(ENCRYPTED)
    expect(dropped).toEqual([])
    expect(body).toMatchObject({ tools, reasoning, text, prompt_cache_key, store: false, stream: true })
    expect(asArray(body['input']).slice(3)).toEqual([
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: '**Looking at the file**' }],
        encrypted_content: ENCRYPTED,
      },
      { role: 'assistant', content: 'I will look at it.', phase: 'commentary' },
      { type: 'function_call', call_id: 'call_1', name: 'exec_command', arguments: '{"cmd":"cat a.txt"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'one\n' },
      { type: 'custom_tool_call', call_id: 'call_2', name: 'apply_patch', input: PATCH },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Success.' },
    ])
  })

  test('can be written as a chat completion', () => {
    const { body, dropped } = write(openAiChat)
    const names = asArray(body['tools']).map((tool) => asObject(asObject(tool)['function'])['name'])
    expect(names).toEqual(['exec_command', 'update_plan', 'apply_patch'])
    expect(JSON.stringify(body)).not.toContain(ENCRYPTED)
    expect(dropped).toContain('messages.thinking')
    expect(body).toMatchObject({ reasoning_effort: 'medium', parallel_tool_calls: true, stream: true })
    expect(asArray(body['messages']).map((message) => asObject(message)['role'])).toEqual([
      'system',
      'developer',
      'user',
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
    ])
  })

  test('can be written as a message of Anthropic', () => {
    const { body, dropped } = write(anthropicMessages)
    const names = asArray(body['tools']).map((tool) => asObject(tool)['name'])
    expect(names).toEqual(['exec_command', 'update_plan', 'apply_patch'])
    expect(JSON.stringify(body)).not.toContain(ENCRYPTED)
    expect(dropped).toContain('messages.thinking')
    const call = asArray(body['messages']).find((message) => JSON.stringify(message).includes('call_2'))
    expect(call).toEqual({
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'call_2', name: 'apply_patch', input: { input: PATCH } }],
    })
  })
})

test("a call of Codex's custom tool comes back as one, from any model", () => {
  const events: ReplyEvent[] = [
    { type: 'reply-start', id: 'msg_1', model: 'claude' },
    { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'toolu_1', name: 'apply_patch' },
    ...Array.from(JSON.stringify({ input: PATCH })).map((text): ReplyEvent => ({
      type: 'part-delta',
      candidate: 0,
      part: 0,
      text,
    })),
    { type: 'part-end', candidate: 0, part: 0 },
    { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
    { type: 'reply-end' },
  ]
  const frames = parseFrames(codex().writer().stream(events)).map(({ data }) => asObject(JSON.parse(data)))
  const item = { type: 'custom_tool_call', call_id: 'toolu_1', name: 'apply_patch' }
  expect(frames.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.custom_tool_call_input.delta',
    'response.custom_tool_call_input.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(frames[2]?.['item']).toMatchObject({ ...item, input: '' })
  expect(frames[3]).toMatchObject({ delta: PATCH })
  expect(frames[5]?.['item']).toMatchObject({ ...item, input: PATCH })
})
