import { describe, expect, test } from 'vitest'
import { chat, says, write, write422 } from '../../../test/support/anthropic-writing.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, ToolChoice } from '../../core/request.ts'
import { writeChat, writeCount } from './write-request.ts'

describe('the least request', () => {
  test('has a model, a message and a bound', () => {
    expect(writeChat(chat(), { model: 'claude-x' })).toEqual({
      body: '{"model":"claude-x","messages":[{"role":"user","content":"Hi"}],"max_tokens":8192}',
      dropped: [],
    })
  })

  test('has no model when none is known', () => {
    expect(write({}, null)).not.toHaveProperty('model')
  })
})

describe('parameters', () => {
  test.each<[string, Partial<ChatRequest>, JsonObject]>([
    ['temperature is halved', { temperature: 1.5 }, { temperature: 0.75 }],
    ['temperature may be 0', { temperature: 0 }, { temperature: 0 }],
    ['top_p', { topP: 0.6 }, { top_p: 0.6 }],
    ['max_tokens', { maxTokens: 1_000_000 }, { max_tokens: 1_000_000 }],
    ['one candidate says nothing', { candidates: 1 }, {}],
    ['a stream', { stream: true }, { stream: true }],
    ['stop sequences', { stop: ['END', '\n\nHuman:'] }, { stop_sequences: ['END', '\n\nHuman:'] }],
    ['no stop sequences', { stop: [] }, {}],
    ['no tools', { tools: [] }, {}],
    [
      'tools',
      {
        tools: [
          { type: 'function', name: 'now', parameters: {} },
          {
            type: 'function',
            name: 'weather',
            description: 'Now.',
            parameters: { type: 'object', required: ['city'] },
          },
        ],
      },
      {
        tools: [
          { name: 'now', input_schema: { type: 'object' } },
          { name: 'weather', description: 'Now.', input_schema: { type: 'object', required: ['city'] } },
        ],
      },
    ],
    [
      'extras',
      { extras: { top_k: 5, metadata: { user_id: 'u' } } },
      { top_k: 5, metadata: { user_id: 'u' } },
    ],
  ])('%s', (_name, fields, expected) => {
    expect(write(fields, null)).toEqual({
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 8192,
      ...expected,
    })
  })

  test.each<[ToolChoice, JsonObject]>([
    [{ type: 'auto' }, { type: 'auto' }],
    [{ type: 'none' }, { type: 'none' }],
    [{ type: 'required' }, { type: 'any' }],
    [
      { type: 'tool', name: 'now' },
      { type: 'tool', name: 'now' },
    ],
  ])('the tool choice %j is written as %j', (toolChoice, expected) => {
    expect(write({ toolChoice })['tool_choice']).toEqual(expected)
  })

  test.each<[Partial<ChatRequest>, string, string]>([
    [{ maxTokens: 1_000_001 }, 'Invalid value for max_tokens: cannot exceed 1000000.', 'maxTokens'],
    [
      { temperature: 0, temperatureIsDefault: true, topP: 1 },
      "Cannot set both 'temperature' and 'top_p' parameters. Please use only the temperature parameter for your query.",
      'topP',
    ],
    [
      { candidates: 2 },
      "'{parameter}' must be '1' for the Anthropic provider. Received value: '2'.",
      'candidates',
    ],
  ])('%j is refused', (fields, message, parameter) => {
    expect(() => write(fields)).toThrow(write422(message, parameter))
  })

  test('stop sequences of white space are dropped and named', () => {
    const written = writeChat(chat({ stop: ['\n', 'END', ' '] }), { model: 'claude-x' })
    expect(JSON.parse(written.body)).toMatchObject({ stop_sequences: ['END'] })
    expect(written.dropped).toEqual(['stop'])
    expect(write({ stop: ['\n'] })).not.toHaveProperty('stop_sequences')
  })

  test('extras do not replace what the gateway sets, and are named', () => {
    const extras = { model: 'other', messages: [], max_tokens: 1, stream: true, system: 'Obey.' }
    const messages = [says('system', 'Be brief.'), says('user', 'Hi')]
    const written = writeChat(chat({ messages, extras }), { model: 'claude-x' })
    expect(JSON.parse(written.body)).toEqual({
      model: 'claude-x',
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 8192,
    })
    expect(written.dropped).toEqual(['model', 'messages', 'max_tokens', 'stream', 'system'])
  })

  test('extras may hold the instructions when the messages do not', () => {
    expect(write({ extras: { system: 'Be brief.' } })['system']).toBe('Be brief.')
  })
})

describe('a temperature that the client did not choose', () => {
  test.each([
    ['claude-2.1', true],
    ['claude-instant-1.2', true],
    ['claude-3-5-sonnet-20241022', true],
    ['claude-sonnet-4-20250514', true],
    ['claude-opus-4-1-20250805', true],
    ['claude-haiku-4-5@20251001', true],
    ['claude-sonnet-4-6', true],
    ['claude-opus-4-7', false],
    ['claude-opus-4-8-20260601', false],
    ['claude-sonnet-5', false],
    ['a-model-of-another-maker', true],
    [null, true],
  ])('is sent to %s: %s', (model, sent) => {
    expect('temperature' in write({ temperature: 0, temperatureIsDefault: true }, model)).toBe(sent)
  })

  test.each([
    [{ type: 'enabled', budget_tokens: 2000 }, false],
    [{ type: 'disabled' }, true],
  ])('gives way to thinking: %j', (thinking, sent) => {
    const body = write({ temperature: 0, temperatureIsDefault: true, extras: { thinking } })
    expect('temperature' in body).toBe(sent)
    expect(body['thinking']).toEqual(thinking)
  })
})

describe('extras', () => {
  test('of another dialect are dropped', () => {
    const { body, dropped } = writeChat(chat({ extras: { store: true }, extrasDialect: 'openai' }), {
      model: null,
    })
    expect(body).not.toContain('store')
    expect(dropped).toEqual(['store'])
  })

  test('are joined with what the canonical form knows of the same field', () => {
    const extras = { metadata: { more: 1, user_id: 'other' }, output_config: { task_budget: 5 } }
    const body = write(
      { extras, extrasDialect: 'anthropic', endUser: 'u', reasoning: { effort: 'low' } },
      'claude-opus-5',
    )
    expect(body).toMatchObject({
      metadata: { more: 1, user_id: 'u' },
      output_config: { task_budget: 5, effort: 'low' },
    })
  })

  test.each(['seed', 'presencePenalty', 'frequencyPenalty'] as const)('there is no %s', (field) => {
    expect(writeChat(chat({ [field]: 1 }), { model: null }).dropped).toEqual([field])
  })
})

test('counting takes only what makes the prompt', () => {
  const request = chat({
    messages: [says('system', 'Be brief.'), says('user', 'Hi')],
    maxTokens: 10,
    stream: true,
    temperature: 1,
    endUser: 'u',
    tools: [{ type: 'function', name: 'f', parameters: {} }],
    extras: { context_management: {}, service_tier: 'auto' },
  })
  expect(JSON.parse(writeCount(request, { model: 'claude-3-haiku' }).body)).toEqual({
    model: 'claude-3-haiku',
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Hi' }],
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
    context_management: {},
  })
})
