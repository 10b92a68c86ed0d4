import { describe, expect, test } from 'vitest'
import { collectReply } from '../../core/collect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, Message, Part } from '../../core/request.ts'
import { aiSdkChat, aiSdkEmbeddings } from './index.ts'

const target = { model: 'm' }

function message(role: string, ...parts: Part[]): Message {
  return { role, parts, extras: {} }
}

function chat(changes: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [message('user', { type: 'text', text: 'Hi' })], stream: false, extras: {}, ...changes }
}

function write(changes: Partial<ChatRequest>): { options: JsonObject; dropped: string[] } {
  const { body, dropped } = aiSdkChat.write(chat(changes), target)
  return { options: JSON.parse(body), dropped }
}

describe('call options', () => {
  test('hold the settings in their own words', () => {
    const { options, dropped } = write({
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      maxTokens: 10,
      stop: ['x'],
      seed: 1,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      candidates: 1,
    })
    expect(options).toEqual({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      maxOutputTokens: 10,
      stopSequences: ['x'],
      seed: 1,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
    })
    expect(dropped).toEqual([])
  })

  test('leave out a temperature that is only a default, and name what they have no place for', () => {
    const { options, dropped } = write({
      temperature: 0,
      temperatureIsDefault: true,
      candidates: 2,
      logitBias: { '1': 1 },
      endUser: 'u',
      extras: { service_tier: 'flex' },
    })
    expect(options).toEqual({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] })
    expect(dropped.toSorted()).toEqual(['candidates', 'endUser', 'logitBias', 'service_tier'])
  })

  test('hold a conversation with calls, results and media', () => {
    const png = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } as const
    const { options, dropped } = write({
      messages: [
        message('developer', { type: 'text', text: 'Be brief.' }),
        message(
          'user',
          { type: 'text', text: 'Look', cache: { ttl: '1h' } },
          { type: 'image', source: { kind: 'url', url: 'https://x.example/a.png' } },
          { type: 'file', source: { kind: 'text', text: 'abc' }, name: 'a.txt' },
          { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'BBBB' } },
        ),
        message(
          'assistant',
          { type: 'thinking', text: 'Hm', state: { dialect: 'ai-sdk', data: '{"p":{"signature":"s"}}' } },
          { type: 'thinking', text: 'Foreign', state: { dialect: 'anthropic', data: 'x' } },
          { type: 'tool-call', id: 'c1', name: 'look', arguments: '{"at":1}' },
        ),
        message(
          'tool',
          {
            type: 'tool-result',
            callId: 'c1',
            parts: [
              { type: 'text', text: 'ok' },
              { type: 'image', source: png },
            ],
          },
          {
            type: 'tool-result',
            callId: 'c2',
            name: 'other',
            parts: [{ type: 'text', text: 'no' }],
            isError: true,
          },
        ),
      ],
    })
    expect(options['prompt']).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          {
            type: 'text',
            text: 'Look',
            providerOptions: { anthropic: { cacheControl: { type: 'ephemeral', ttl: '1h' } } },
          },
          { type: 'file', mediaType: 'image/*', data: 'https://x.example/a.png' },
          { type: 'file', mediaType: 'text/plain', data: 'YWJj', filename: 'a.txt' },
          { type: 'file', mediaType: 'audio/wav', data: 'BBBB' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm', providerOptions: { p: { signature: 's' } } },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { at: 1 } },
        ],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'look',
            output: {
              type: 'content',
              value: [
                { type: 'text', text: 'ok' },
                { type: 'image-data', data: 'AAAA', mediaType: 'image/png' },
              ],
            },
          },
          {
            type: 'tool-result',
            toolCallId: 'c2',
            toolName: 'other',
            output: { type: 'error-text', value: 'no' },
          },
        ],
      },
    ])
    expect(dropped).toEqual(['messages.thinking'])
  })

  test('hold tools, a choice among them and a wanted shape', () => {
    const { options, dropped } = write({
      tools: [
        { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
        { type: 'hosted', dialect: 'openai-responses', value: { type: 'web_search' } },
      ],
      toolChoice: { type: 'tool', name: 'f' },
      responseFormat: { type: 'json-schema', schema: { type: 'object' }, name: 'n', strict: true },
    })
    expect(options).toMatchObject({
      tools: [
        { type: 'function', name: 'f', description: 'd', inputSchema: { type: 'object' }, strict: true },
      ],
      toolChoice: { type: 'tool', toolName: 'f' },
      responseFormat: { type: 'json', schema: { type: 'object' }, name: 'n' },
    })
    expect(dropped).toEqual(['tools'])
  })

  test('say how much to think in the words of each package', () => {
    expect(write({ reasoning: { effort: 'low' } }).options['providerOptions']).toEqual({
      openai: { reasoningEffort: 'low' },
      anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } },
      google: { thinkingConfig: { thinkingBudget: 1024, includeThoughts: true } },
    })
    expect(write({ reasoning: { effort: 'none' } }).options['providerOptions']).toMatchObject({
      anthropic: { thinking: { type: 'disabled' } },
      google: { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } },
    })
  })
})

function read(...parts: JsonObject[]): ReturnType<typeof collectReply> {
  const reader = aiSdkChat.reader(target)
  return collectReply(parts.flatMap((part) => reader.frame({ data: JSON.stringify(part) })))
}

const FINISH = {
  type: 'finish',
  finishReason: { unified: 'tool-calls', raw: 'tool_use' },
  usage: {
    inputTokens: { total: 10, noCache: 6, cacheRead: 3, cacheWrite: 1 },
    outputTokens: { total: 7, text: 2, reasoning: 5 },
  },
}

describe('a stream of parts', () => {
  test('is thinking with its signature, text with its sources and calls', () => {
    const reply = read(
      { type: 'stream-start', warnings: [] },
      { type: 'response-metadata', id: 'r', modelId: 'm-1', timestamp: '2026-01-01T00:00:00.000Z' },
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'Hm' },
      { type: 'reasoning-delta', id: '0', delta: '', providerMetadata: { p: { signature: 's' } } },
      { type: 'reasoning-end', id: '0' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'It ' },
      { type: 'text-delta', id: '1', delta: 'is.' },
      { type: 'text-end', id: '1' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://x.example', title: 'X' },
      { type: 'tool-input-start', id: 'c1', toolName: 'f' },
      { type: 'tool-input-delta', id: 'c1', delta: '{"a":' },
      { type: 'tool-input-delta', id: 'c1', delta: '1}' },
      { type: 'tool-input-end', id: 'c1' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: '{"a":1}' },
      { type: 'tool-call', toolCallId: 'c2', toolName: 'g', input: '{}' },
      FINISH,
    )
    expect(reply).toMatchObject({ id: 'r', model: 'm-1', createdAt: 1_767_225_600 })
    expect(reply.candidates[0]?.parts).toMatchObject([
      { kind: 'thinking', text: 'Hm', state: { dialect: 'ai-sdk', data: '{"p":{"signature":"s"}}' } },
      { kind: 'text', text: 'It is.', annotations: [{ url: 'https://x.example', title: 'X' }] },
      { kind: 'tool-call', id: 'c1', name: 'f', text: '{"a":1}' },
      { kind: 'tool-call', id: 'c2', name: 'g', text: '{}' },
    ])
    expect(reply.candidates[0]?.end).toEqual({
      reason: 'tool_calls',
      native: { dialect: 'ai-sdk', reason: 'tool_use' },
    })
    expect(reply.usage).toEqual({
      inputTokens: 10,
      outputTokens: 7,
      cacheReadTokens: 3,
      cacheWriteTokens: 1,
      reasoningTokens: 5,
    })
  })

  test('has counts and a reason of version 2 as well', () => {
    const usage = {
      inputTokens: 4,
      outputTokens: 2,
      totalTokens: 6,
      cachedInputTokens: 1,
      reasoningTokens: -1,
    }
    const reply = read({ type: 'finish', finishReason: 'length', usage })
    expect(reply.candidates[0]?.end).toEqual({ reason: 'length' })
    expect(reply.usage).toEqual({ inputTokens: 4, outputTokens: 2, totalTokens: 6, cacheReadTokens: 1 })
  })

  test('may hold pictures and what a hosted tool did', () => {
    const reply = read(
      { type: 'file', mediaType: 'image/png', data: 'AAAA' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'web_search', input: '{}', providerExecuted: true },
      { type: 'finish', finishReason: { unified: 'stop' }, usage: {} },
    )
    expect(reply.candidates[0]?.parts).toMatchObject([
      { kind: 'media', mediaType: 'image/png', data: 'AAAA' },
      { kind: 'opaque', dialect: 'ai-sdk', value: { toolName: 'web_search' } },
    ])
    expect(reply.candidates[0]?.end?.reason).toBe('stop')
  })

  test('may fail in its midst, with the status of the provider', () => {
    const reader = aiSdkChat.reader(target)
    const [event] = reader.frame({
      data: '{"type":"error","error":{"message":"slow down","statusCode":429}}',
    })
    expect(event).toMatchObject({ error: { message: 'slow down', kind: 'rate_limit', status: 429 } })
  })

  test('without its finish has no end', () => {
    const reader = aiSdkChat.reader(target)
    const events = reader.frame({ data: '{"type":"text-start","id":"1"}' })
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'part-start'])
  })
})

describe('a whole result', () => {
  test('is read as its stream would be', () => {
    const body = JSON.stringify({
      content: [
        { type: 'reasoning', text: 'Hm', providerMetadata: { p: { signature: 's' } } },
        { type: 'text', text: 'It is.' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: '{"a":1}' },
      ],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: FINISH.usage,
      response: { id: 'r', modelId: 'm-1' },
    })
    const reply = collectReply(aiSdkChat.reader(target).whole(body))
    expect(reply.candidates[0]?.parts).toMatchObject([
      { kind: 'thinking', text: 'Hm', state: { data: '{"p":{"signature":"s"}}' } },
      { kind: 'text', text: 'It is.' },
      { kind: 'tool-call', id: 'c1', text: '{"a":1}' },
    ])
    expect(reply.candidates[0]?.end?.reason).toBe('tool_calls')
    expect(aiSdkChat.reader(target).usage(Buffer.from(body))).toEqual(reply.usage)
  })

  test.each(['{}', '[]', 'x', '{"content":1}'])('%s is a bad answer', (body) => {
    expect(() => aiSdkChat.reader(target).whole(body)).toThrow(/The provider's answer/)
  })

  test('with members of any type is read without a fault', () => {
    const body =
      '{"content":[null,1,{"type":7},{"type":"text"},{"type":"file"},{"type":"source"}],"usage":[]}'
    expect(collectReply(aiSdkChat.reader(target).whole(body)).candidates[0]?.end).toEqual({ reason: 'stop' })
  })
})

test('embeddings are values in and vectors out', () => {
  const written = aiSdkEmbeddings.write(
    { input: 'a', dimensions: 2, purpose: 'search_query', extras: {} },
    target,
  )
  expect(JSON.parse(written.body)).toEqual({
    values: ['a'],
    providerOptions: { openai: { dimensions: 2 }, google: { outputDimensionality: 2 } },
  })
  expect(written.dropped).toEqual(['purpose'])
  expect(aiSdkEmbeddings.read('{"embeddings":[[1,2]],"usage":{"tokens":3}}')).toEqual({
    vectors: [[1, 2]],
    usage: { inputTokens: 3 },
  })
  expect(() => aiSdkEmbeddings.read('{"embeddings":[1]}')).toThrow('no list of numbers')
})
