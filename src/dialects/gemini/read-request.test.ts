import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest } from '../../core/request.ts'
import { readChatRequest } from './read-request.ts'

const HELLO = { contents: [{ role: 'user', parts: [{ text: 'Hello.' }] }] }

function read(body: JsonObject): ChatRequest {
  return readChatRequest({ ...HELLO, ...body }, false)
}

const partsOf = (...parts: JsonObject[]) => read({ contents: [{ role: 'model', parts }] }).messages[0]?.parts

describe('the body of a generateContent', () => {
  test('is read in either spelling of its members, and what is inside of data keeps its own', () => {
    const snake = read({
      system_instruction: { parts: [{ text: 'Be brief.' }] },
      generation_config: {
        max_output_tokens: 5,
        thinking_config: { include_thoughts: true, thinking_budget: 9 },
      },
      tools: [
        { function_declarations: [{ name: 'f', parameters_json_schema: { type: 'object', my_key: 1 } }] },
      ],
      contents: [
        {
          role: 'model',
          parts: [{ function_call: { name: 'f', args: { my_arg: 1 } }, thought_signature: 'c2ln' }],
        },
      ],
    })
    const camel = read({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: { maxOutputTokens: 5, thinkingConfig: { includeThoughts: true, thinkingBudget: 9 } },
      tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object', my_key: 1 } }] }],
      contents: [
        {
          role: 'model',
          parts: [{ functionCall: { name: 'f', args: { my_arg: 1 } }, thoughtSignature: 'c2ln' }],
        },
      ],
    })
    expect(snake).toEqual(camel)
    expect(camel.reasoning).toEqual({ budgetTokens: 9, shows: 'summary' })
    expect(camel.messages[1]?.parts).toMatchObject([{ arguments: '{"my_arg":1}' }])
  })

  test('keeps what only Gemini knows under its whole name, and takes null for absent', () => {
    const request = read({
      safetySettings: [],
      cachedContent: null,
      generationConfig: { responseModalities: ['IMAGE'], responseMimeType: 'text/x.enum', topP: null },
      toolConfig: { retrievalConfig: { languageCode: 'de' } },
    })
    expect(request.extras).toEqual({
      safetySettings: [],
      'generationConfig.responseModalities': ['IMAGE'],
      'generationConfig.responseMimeType': 'text/x.enum',
      'toolConfig.retrievalConfig': { languageCode: 'de' },
    })
  })

  test("has Google's kind of schema read as JSON Schema", () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        size: { type: 'STRING', format: 'enum', enum: ['s', 'l'], nullable: true },
        tags: { type: 'ARRAY', items: { type: 'INTEGER' }, minItems: '1' },
        either: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }], nullable: true },
      },
      required: ['size'],
      propertyOrdering: ['size', 'tags'],
    }
    const { tools = [] } = read({ tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] })
    expect(tools).toMatchObject([
      {
        parameters: {
          type: 'object',
          properties: {
            size: { type: ['string', 'null'], enum: ['s', 'l'] },
            tags: { type: 'array', items: { type: 'integer' }, minItems: 1 },
            either: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
          },
          required: ['size'],
        },
      },
    ])
  })

  test('tells hosted tools from functions', () => {
    const { tools } = read({ tools: [{ functionDeclarations: [{ name: 'f' }], googleSearch: {} }] })
    expect(tools).toEqual([
      { type: 'function', name: 'f', parameters: {} },
      { type: 'hosted', dialect: 'gemini', value: { googleSearch: {} } },
    ])
  })

  test.each([
    [{ mode: 'AUTO' }, { type: 'auto' }],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { type: 'auto', names: ['f'] },
    ],
    [{ mode: 'any' }, { type: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { type: 'tool', name: 'f' },
    ],
    [
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
      { type: 'required', names: ['f', 'g'] },
    ],
    [{ mode: 'MODE_UNSPECIFIED' }, undefined],
  ])('%o is a choice of tools', (functionCallingConfig, choice) => {
    expect(read({ toolConfig: { functionCallingConfig } }).toolChoice).toEqual(choice)
  })
})

describe('contents', () => {
  test('calls without ids get ones that their results find, by name and in order', () => {
    const { messages } = read({
      contents: [
        { parts: [{ text: 'Two?' }] },
        {
          role: 'model',
          parts: [{ functionCall: { name: 'f' } }, { functionCall: { name: 'f', args: { a: 2 } } }],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'f', response: { output: 'one' } } },
            { functionResponse: { name: 'f', response: { n: 2 } } },
            { text: 'And now?' },
          ],
        },
      ],
    })
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user'])
    expect(messages.flatMap(({ parts }) => parts).slice(1, 5)).toEqual([
      { type: 'tool-call', id: 'call_0', name: 'f', arguments: '{}' },
      { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{"a":2}' },
      { type: 'tool-result', callId: 'call_0', name: 'f', parts: [{ type: 'text', text: 'one' }] },
      { type: 'tool-result', callId: 'call_1', name: 'f', parts: [{ type: 'text', text: '{"n":2}' }] },
    ])
  })

  test('an answer in pieces, as chats of the SDK keep it, is one message', () => {
    const { messages } = read({
      contents: [
        { role: 'user', parts: [{ text: 'Hello.' }] },
        { role: 'model', parts: [{ text: 'Let ', thought: true }] },
        { role: 'model', parts: [{ text: 'me.', thought: true }] },
        { role: 'model', parts: [{ text: '', thought: true, thoughtSignature: 'c2ln' }] },
        { role: 'model', parts: [{ text: 'He' }] },
        { role: 'model', parts: [{ text: 'llo' }] },
      ],
    })
    expect(messages[1]?.parts).toEqual([
      { type: 'thinking', text: 'Let me.', state: { dialect: 'gemini', data: 'c2ln' } },
      { type: 'text', text: 'Hello' },
    ])
  })

  test('state of other models is unpacked', () => {
    const tagged = Buffer.from('gw1.own.anthropic.c2ln').toString('base64')
    expect(partsOf({ text: 'Hm.', thought: true, thoughtSignature: tagged })).toEqual([
      { type: 'thinking', text: 'Hm.', state: { dialect: 'anthropic', data: 'c2ln' } },
    ])
    expect(partsOf({ thought: true, thoughtSignature: tagged })).toEqual([
      { type: 'redacted-thinking', state: { dialect: 'anthropic', data: 'c2ln' } },
    ])
  })

  test("Google's own files and what else only Gemini can read stay whole", () => {
    const parts = [
      { fileData: { fileUri: 'gs://bucket/film.mp4', mimeType: 'video/mp4' } },
      { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/a' } },
      { inlineData: { mimeType: 'video/mp4', data: 'AAAA' }, videoMetadata: { fps: 1 } },
      { executableCode: { language: 'PYTHON', code: '1' }, thoughtSignature: 'c2ln' },
    ]
    expect(partsOf(...parts)).toEqual(parts.map((value) => ({ type: 'opaque', dialect: 'gemini', value })))
  })

  test('media are told by their type', () => {
    expect(
      partsOf(
        { fileData: { fileUri: 'https://example.com/cat.png', mimeType: 'image/png' } },
        { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
        { inlineData: { mimeType: 'application/pdf', data: 'AAAA', displayName: 'a.pdf' } },
      ),
    ).toEqual([
      { type: 'image', source: { kind: 'url', url: 'https://example.com/cat.png' } },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' },
    ])
  })
})

test('no JSON makes the reader fail in any way but its own', () => {
  const names = fc.constantFrom(
    'contents',
    'parts',
    'tools',
    'functionDeclarations',
    'generationConfig',
    'functionCall',
  )
  fc.assert(
    fc.property(fc.dictionary(names, fc.jsonValue()), fc.jsonValue(), (body, part) => {
      const contents = [
        { role: 'model', parts: [part, { functionCall: part, text: part, inlineData: part }] },
      ]
      for (const json of [body, { contents }]) {
        try {
          readChatRequest(json as JsonObject, false)
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError)
        }
      }
    }),
  )
})
