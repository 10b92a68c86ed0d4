import { describe, expect, test } from 'vitest'
import { chat, write } from '../../../test/support/anthropic-writing.ts'
import type { ChatRequest } from '../../core/request.ts'
import { writeChat } from './write-request.ts'

describe('formats and tools', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'object' },
      list: { type: 'array', items: { properties: {} } },
      b: { type: 'string' },
    },
    anyOf: [{ type: ['object', 'null'], additionalProperties: true }],
    $defs: { open: { type: 'object', additionalProperties: { type: 'string' } } },
  }

  test('schemas of objects are closed', () => {
    const body = write({ responseFormat: { type: 'json-schema', schema } }, 'claude-sonnet-4-5')
    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: {
            a: { type: 'object', additionalProperties: false },
            list: { type: 'array', items: { properties: {}, additionalProperties: false } },
            b: { type: 'string' },
          },
          anyOf: [{ type: ['object', 'null'], additionalProperties: false }],
          $defs: { open: { type: 'object', additionalProperties: { type: 'string' } } },
        },
      },
    })
  })

  test('older models are asked for a schema', () => {
    const { body, dropped } = writeChat(
      chat({ responseFormat: { type: 'json-schema', schema: { type: 'object' } } }),
      {
        model: 'claude-sonnet-4-20250514',
      },
    )
    expect(JSON.parse(body)).toMatchObject({
      system: expect.stringMatching(/JSON Schema: \{"type":"object"\}$/),
    })
    expect(dropped).toEqual(['responseFormat'])
  })

  test("tools are its own or functions, with what the client's dialect adds", () => {
    const tools: ChatRequest['tools'] = [
      { type: 'function', name: 'f', parameters: {}, strict: true, extras: { defer_loading: true } },
      { type: 'hosted', dialect: 'anthropic', value: { type: 'bash_20250124', name: 'bash' } },
      { type: 'hosted', dialect: 'openai', value: { type: 'web_search' } },
    ]
    const model = 'claude-3-7-sonnet-latest'
    const own = writeChat(chat({ tools, extrasDialect: 'anthropic' }), { model })
    expect(JSON.parse(own.body)).toMatchObject({
      tools: [
        { name: 'f', input_schema: { type: 'object' }, defer_loading: true },
        { type: 'bash_20250124', name: 'bash' },
      ],
    })
    expect(own.dropped).toEqual(['tools.strict', 'tools.web_search'])
    expect(writeChat(chat({ tools, extrasDialect: 'openai' }), { model }).dropped).toEqual([
      'tools.defer_loading',
      'tools.strict',
      'tools.web_search',
    ])
  })

  test('of tools of which none is left, none is chosen', () => {
    const tools: ChatRequest['tools'] = [{ type: 'hosted', dialect: 'openai', value: { type: 'web_search' } }]
    const body = write({ tools, toolChoice: { type: 'required' } })
    expect(body).not.toHaveProperty('tools')
    expect(body).not.toHaveProperty('tool_choice')
  })

  test('one at a time of no tools is no choice', () => {
    expect(write({ parallelToolCalls: false })).not.toHaveProperty('tool_choice')
  })
})
