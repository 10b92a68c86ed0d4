import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, Message, Part, Reasoning } from '../../core/request.ts'
import { writeChat } from './write-request.ts'

const user = (...parts: Part[]): Message => ({ role: 'user', parts, extras: {} })
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts, extras: {} })
const hello = user({ type: 'text', text: 'Hello.' })

function write(
  request: Partial<ChatRequest>,
  model = 'gemini-2.5-flash',
): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = writeChat({ messages: [hello], stream: false, extras: {}, ...request }, { model })
  return { body: JSON.parse(body), dropped }
}

const call = (id: string, name: string, json = '{}'): Part => ({
  type: 'tool-call',
  id,
  name,
  arguments: json,
})
const result = (callId: string, ...parts: Part[]): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', callId, parts }],
  extras: {},
})

describe('calls of tools', () => {
  const messages = [
    hello,
    assistant(call('a', 'f'), call('b', 'g')),
    result('a', { type: 'text', text: 'One.' }),
  ]

  test('arguments are written as they came, with numbers that JavaScript cannot hold', () => {
    const { body } = writeChat(
      { messages: [assistant(call('a', 'f', '{"id": 9007199254740993}'))], stream: false, extras: {} },
      { model: 'gemini-2.5-flash' },
    )
    expect(body).toContain('"args":{"id": 9007199254740993}')
  })

  test('the first call of another model gets the word that skips the check, from Gemini 3 on', () => {
    const third = write({ messages }, 'gemini-3-pro-preview')
    expect(third.dropped).toEqual(['messages.thoughtSignature'])
    expect(third.body['contents']).toMatchObject([
      {},
      {
        parts: [
          { functionCall: { name: 'f' }, thoughtSignature: 'skip_thought_signature_validator' },
          { functionCall: { name: 'g' } },
        ],
      },
      { parts: [{ functionResponse: { id: 'a', name: 'f', response: { output: 'One.' } } }] },
    ])
    expect(JSON.stringify(write({ messages }).body)).not.toContain('thoughtSignature')
  })

  test("a model's own signature goes back, that of another does not", () => {
    const signed = (dialect: string): Part =>
      ({ ...call('a', 'f'), state: { dialect, data: 'c2ln' } }) as Part
    const own = write({ messages: [assistant(signed('gemini'))] }, 'gemini-3-flash')
    expect(own).toMatchObject({
      dropped: [],
      body: { contents: [{ parts: [{ thoughtSignature: 'c2ln' }] }] },
    })
    const foreign = write({ messages: [assistant(signed('openai-responses'))] })
    expect(foreign.dropped).toEqual(['messages.signature'])
    expect(JSON.stringify(foreign.body)).not.toContain('c2ln')
  })

  test('pictures in a result stand inside of it from Gemini 3 on, and after it before', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } }
    const asked = {
      messages: [assistant(call('a', 'f')), result('a', { type: 'text', text: 'See.' }, image)],
    }
    const inlineData = { mimeType: 'image/png', data: 'AAAA' }
    expect(write(asked, 'gemini-3-pro').body['contents']).toMatchObject([
      {},
      { parts: [{ functionResponse: { response: { output: 'See.' }, parts: [{ inlineData }] } }] },
    ])
    const older = write(asked)
    expect(older.dropped).toEqual(['messages.toolResult.parts'])
    expect(older.body['contents']).toMatchObject([{}, { parts: [{ functionResponse: {} }, { inlineData }] }])
  })

  test("a tool's own JSON object is the response", () => {
    const { body } = write({
      messages: [assistant(call('a', 'f')), result('a', { type: 'text', text: '{"n":1}' })],
    })
    expect(body['contents']).toMatchObject([{}, { parts: [{ functionResponse: { response: { n: 1 } } }] }])
  })

  test.each([
    ['arguments that are no JSON object', [assistant(call('a', 'f', '[1]'))]],
    ['a result without its call', [result('a', { type: 'text', text: 'x' })]],
    [
      "another provider's file",
      [user({ type: 'file', source: { kind: 'file-id', id: 'file-1', dialect: 'openai' } })],
    ],
  ])('%s are refused', (_, messages) => {
    expect(() => write({ messages })).toThrow(expect.objectContaining({ status: 422, parameter: 'messages' }))
  })
})

describe('how much to think', () => {
  test.each<[string, Reasoning, JsonObject | undefined, string[]]>([
    ['gemini-2.0-flash', { effort: 'high' }, undefined, ['reasoning']],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-flash', { budgetTokens: 32_000 }, { thinkingBudget: 24_576 }, ['reasoning.budgetTokens']],
    ['gemini-2.5-flash-lite', { budgetTokens: 100 }, { thinkingBudget: 512 }, ['reasoning.budgetTokens']],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }, ['reasoning.effort']],
    [
      'gemini-2.5-pro',
      { isAdaptive: true, shows: 'full' },
      { thinkingBudget: -1, includeThoughts: true },
      [],
    ],
    ['gemini-3-pro-preview', { effort: 'minimal' }, { thinkingLevel: 'LOW' }, ['reasoning.effort']],
    ['gemini-3-flash-preview', { effort: 'max' }, { thinkingLevel: 'HIGH' }, ['reasoning.effort']],
    ['gemini-3-flash-preview', { effort: 'medium', budgetTokens: 1 }, { thinkingLevel: 'MEDIUM' }, []],
    ['gemini-3-flash-preview', { budgetTokens: 2048 }, { thinkingBudget: 2048 }, []],
    ['gemini-3.1-pro', { isAdaptive: true }, undefined, []],
    [
      'gemini-flash-latest',
      { effort: 'low', shows: 'nothing' },
      { thinkingLevel: 'LOW', includeThoughts: false },
      [],
    ],
    ['my-tuned-model', { effort: 'high' }, { thinkingLevel: 'HIGH' }, []],
  ])('%s: %o', (model, reasoning, thinkingConfig, dropped) => {
    const written = write({ reasoning }, model)
    expect(written.body['generationConfig']).toEqual(thinkingConfig && { thinkingConfig })
    expect(written.dropped).toEqual(dropped)
  })
})

describe('extras', () => {
  test("of Gemini's own go back where they were", () => {
    const extras = {
      safetySettings: [],
      'generationConfig.imageConfig': { a: 1 },
      'toolConfig.retrievalConfig': {},
    }
    const { body, dropped } = write({ extras, extrasDialect: 'gemini' })
    expect(body).toMatchObject({
      safetySettings: [],
      generationConfig: { imageConfig: { a: 1 } },
      toolConfig: { retrievalConfig: {} },
    })
    expect(dropped).toEqual([])
  })

  test('of other dialects are left out and named', () => {
    const tools = [{ type: 'function' as const, name: 'f', parameters: {}, extras: { defer_loading: true } }]
    const { body, dropped } = write({ tools, extras: { store: true }, extrasDialect: 'openai' })
    expect(body).not.toHaveProperty('store')
    expect(dropped).toEqual(['tools.defer_loading', 'store'])
  })

  test("of MLflow's find their place, and are refused under Gemini's names for MLflow's own", () => {
    const { body, dropped } = write({ extras: { seed: 7, safetySettings: [], who: 1 } })
    expect(body).toMatchObject({ generationConfig: { seed: 7 }, safetySettings: [] })
    expect(dropped).toEqual(['who'])
    expect(() => write({ extras: { stopSequences: ['x'] } })).toThrow(
      'Invalid parameter stopSequences. Use stop instead.',
    )
  })
})
