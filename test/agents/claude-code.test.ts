import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, test } from 'vitest'
import type { ChatClientRequest, ChatFormat } from '../../src/core/dialect.ts'
import { asArray, asObject, type JsonObject } from '../../src/core/json.ts'
import { anthropic } from '../../src/dialects/anthropic/client.ts'
import { anthropicMessages } from '../../src/dialects/anthropic/index.ts'
import { bedrockConverse } from '../../src/dialects/bedrock/index.ts'
import { geminiGenerate } from '../../src/dialects/gemini/index.ts'
import { openAiResponses } from '../../src/dialects/openai-responses/index.ts'
import { openAiChat } from '../../src/dialects/openai/index.ts'
import { sseText } from '../scenarios/support.ts'
import { claudeCodeRequest, headers } from './claude-code.ts'

const SIGNATURE = 'c2lnbmF0dXJl'
const ADAPTIVE = { type: 'adaptive', display: 'omitted' }

function claudeCode({ signature = SIGNATURE, thinking = ADAPTIVE } = {}): ChatClientRequest {
  const endpoint = anthropic.endpoints.find(({ path }) => path === '/v1/messages')
  const request = endpoint?.read(Buffer.from(JSON.stringify(claudeCodeRequest({ signature, thinking }))), {
    route: { name: 'a-route', type: 'llm/v1/chat', model: { name: 'a-model', provider: 'a-provider' } },
    head: { headers, search: new URLSearchParams('beta=true') },
    settings: { invocationsShape: 'openai', bodyLimit: 1024 * 1024 },
  })
  if (request?.operation !== 'chat') throw new Error('not a chat')
  return request
}

function write(
  format: ChatFormat,
  model: string,
  request = claudeCode(),
): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = format.write(request.chat(), { model })
  return { body: asObject(JSON.parse(body)), dropped }
}

describe('a request of Claude Code', () => {
  test('passes through to a provider of the same API, with the headers of the dialect', () => {
    const request = claudeCode()
    const body = request.passThrough('anthropic-messages', { model: 'claude-opus-5' })
    const expected = claudeCodeRequest({ signature: SIGNATURE, thinking: ADAPTIVE })
    expect(JSON.parse(String(body))).toEqual({ ...expected, model: 'claude-opus-5' })
    expect(request.headers).toEqual({
      'anthropic-version': headers['anthropic-version'],
      'anthropic-beta': headers['anthropic-beta'],
    })
  })

  test('loses only the thinking of another model on the way there', () => {
    const request = claudeCode({ signature: 'gw1.own.gemini.eA==' })
    expect(request.passThrough('anthropic-messages', { model: 'claude-opus-5' })).toBeUndefined()
    const { body, dropped } = write(anthropicMessages, 'claude-opus-5', request)
    expect(JSON.stringify(body)).not.toContain('gw1.')
    expect(dropped).toEqual(['messages.thinking'])
  })

  test('is the same again for a provider of the same API', () => {
    const { body, dropped } = write(anthropicMessages, 'claude-opus-5')
    const expected = claudeCodeRequest({ signature: SIGNATURE, thinking: ADAPTIVE })
    const text = JSON.stringify(expected).replace(',"scope":"global"', '')
    expect(dropped).toEqual([])
    expect(body).toEqual({ ...asObject(JSON.parse(text)), model: 'claude-opus-5' })
  })

  test('may think by a budget', () => {
    const thinking = { type: 'enabled', budget_tokens: 31_999, display: 'omitted' }
    expect(write(anthropicMessages, 'claude-sonnet-4-5', claudeCode({ thinking })).body).toMatchObject({
      thinking,
    })
  })

  test('is a chat of OpenAI', () => {
    const { body, dropped } = write(openAiChat, 'gpt-5')
    expect(asArray(body['messages']).map((message) => asObject(message)['role'])).toEqual(
      expect.arrayContaining(['assistant', 'tool', 'user']),
    )
    expect(body).toMatchObject({ stream: true, reasoning_effort: 'medium' })
    expect(namesOf(asArray(body['tools']).map((tool) => asObject(tool)['function']))).toEqual([
      'Bash',
      'Read',
      'mcp__issues__list',
    ])
    expect(dropped).toEqual(expect.arrayContaining(['context_management', 'messages.thinking']))
  })

  test.each<[string, ChatFormat]>([
    ["OpenAI's chat", openAiChat],
    ["OpenAI's Responses", openAiResponses],
    ['Gemini', geminiGenerate],
    ['Bedrock', bedrockConverse],
  ])('says to %s all that was said, and nothing that is not its own', (_name, format) => {
    const text = JSON.stringify(write(format, 'a-model').body)
    const said = [
      'You are a coding agent.',
      'What does the diagram show?',
      'I will look at it.',
      '/home/ada/a.png',
      'iVBORw0=',
      'ls: no such file',
      'Keep going.',
      'mcp__issues__list',
    ]
    expect(said.filter((words) => !text.includes(words))).toEqual([])
    expect(text).not.toMatch(/cache_control|tool_use_id|web_search_20250305|context_management/)
  })
})

test('an answer of OpenAI is a stream that its SDK reads', async () => {
  const chunk = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-5',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  })
  const call = (index: number, more: JsonObject): JsonObject => chunk({ tool_calls: [{ index, ...more }] })
  const stream = sseText([
    chunk({ role: 'assistant', content: 'I will look.' }),
    call(0, { id: 'call_a', type: 'function', function: { name: 'Read', arguments: '' } }),
    call(0, { function: { arguments: '{"file_path":"/a"}' } }),
    call(1, { id: 'call_b', type: 'function', function: { name: 'Bash', arguments: '{"command":"ls"}' } }),
    chunk({}, { finish_reason: 'tool_calls' }),
    { id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 } },
    '[DONE]',
  ])
  const reader = openAiChat.reader({ model: 'gpt-5' })
  const writer = claudeCode().writer()
  const frames = openAiChat.framing.parse(Buffer.from(stream))
  const text =
    frames.map((frame) => writer.stream(reader.frame(frame))).join('') + writer.stream(reader.end?.() ?? [])
  const client = new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  })
  const message = await client.beta.messages
    .stream({ model: 'x', max_tokens: 1, messages: [] })
    .finalMessage()
  expect(message).toMatchObject({
    content: [
      { type: 'text', text: 'I will look.' },
      { type: 'tool_use', id: 'call_a', name: 'Read', input: { file_path: '/a' } },
      { type: 'tool_use', id: 'call_b', name: 'Bash', input: { command: 'ls' } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 12, output_tokens: 8 },
  })
})

function namesOf(values: readonly unknown[]): unknown[] {
  return values.map((value) => asObject(value)['name'])
}
