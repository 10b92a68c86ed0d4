import { describe, expect, test } from 'vitest'
import type { ChatClientRequest, ChatFormat } from '../../src/core/dialect.ts'
import type { ReplyEvent } from '../../src/core/events.ts'
import { asArray, asObject, type JsonObject } from '../../src/core/json.ts'
import { anthropicMessages } from '../../src/dialects/anthropic/index.ts'
import { gemini } from '../../src/dialects/gemini/client.ts'
import { geminiGenerate } from '../../src/dialects/gemini/index.ts'
import { openAiChat } from '../../src/dialects/openai/index.ts'
import { parseFrames } from '../../src/wire/sse.ts'
import { chatAt } from '../scenarios/support.ts'
import { geminiCliQuestion, geminiCliRequest } from './gemini.ts'

const SIGNATURE = 'c2lnbmF0dXJl'

function ask(body: JsonObject): ChatClientRequest {
  return chatAt(gemini, '/v1beta/models/:route::streamGenerateContent', { body, search: 'alt=sse' })
}

const geminiCli = (signature = SIGNATURE): ChatClientRequest => ask(geminiCliRequest(signature))

function write(format: ChatFormat, model: string): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = format.write(geminiCli().chat(), { model })
  return { body: asObject(JSON.parse(body)), dropped }
}

describe('a request of Gemini CLI', () => {
  test('passes through to a provider of the same API', () => {
    const body = geminiCli().passThrough('gemini-generate', { model: 'gemini-3-pro', omitsModel: true })
    expect(String(body)).toBe(JSON.stringify(geminiCliRequest(SIGNATURE)))
  })

  test('does not pass through when it carries the state of another model', () => {
    const request = geminiCli(Buffer.from('gw1.own.openai-responses.abc').toString('base64'))
    expect(request.passThrough('gemini-generate', { model: 'gemini-3-pro' })).toBeUndefined()
    const { body, dropped } = geminiGenerate.write(request.chat(), { model: 'gemini-3-pro' })
    expect(body).toContain('"thoughtSignature":"skip_thought_signature_validator"')
    expect(dropped).toEqual(['messages.signature', 'messages.thoughtSignature'])
  })

  test('has its results before what else the user says', () => {
    const { messages } = geminiCli().chat()
    expect(messages.map(({ role, parts }) => `${role}: ${parts.map(({ type }) => type).join(' ')}`)).toEqual([
      'system: text',
      'user: text',
      'user: text',
      'assistant: text tool-call tool-call',
      'tool: tool-result',
      'tool: tool-result',
      'user: image',
    ])
  })

  test('is the same again for a provider of the same API', () => {
    const { body, dropped } = write(geminiGenerate, 'gemini-2.5-pro')
    const { tools, generationConfig, contents } = geminiCliRequest(SIGNATURE)
    expect(dropped).toEqual([])
    expect(body).toMatchObject({ tools, generationConfig })
    expect(asArray(body['contents']).slice(0, 3)).toEqual(asArray(contents).slice(0, 3))
  })

  test('is a conversation with tools for Claude', () => {
    const { body } = write(anthropicMessages, 'claude-sonnet-4-5')
    expect(body).toMatchObject({ system: 'You are an interactive CLI agent.', stream: true })
    expect(asArray(body['messages']).slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I will look.' },
          { type: 'tool_use', id: 'read_file_1', name: 'read_file', input: { file_path: '/project/a.png' } },
          { type: 'tool_use', id: 'read_file_2', name: 'read_file', input: { file_path: '/project/b.txt' } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'read_file_1',
            content: 'Binary content provided (1 item(s)).',
          },
          {
            type: 'tool_result',
            tool_use_id: 'read_file_2',
            content: 'File not found: /project/b.txt',
            is_error: true,
          },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
        ],
      },
    ])
    expect(JSON.stringify(body)).not.toContain(SIGNATURE)
  })

  test("has its calls and results by id for OpenAI's", () => {
    const { body } = write(openAiChat, 'gpt-5')
    expect(asArray(body['messages']).slice(3, 6)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'read_file_1' }, { id: 'read_file_2' }] },
      { role: 'tool', tool_call_id: 'read_file_1' },
      { role: 'tool', tool_call_id: 'read_file_2' },
    ])
  })

  test('is answered in events that it can keep and send back', () => {
    const answer: ReplyEvent[] = [
      { type: 'reply-start', id: 'r', model: 'claude' },
      {
        type: 'part-start',
        candidate: 0,
        part: 0,
        kind: 'tool-call',
        id: 'toolu_1',
        name: 'run_shell_command',
      },
      { type: 'part-delta', candidate: 0, part: 0, text: '{"comm' },
      { type: 'part-delta', candidate: 0, part: 0, text: 'and":"ls"}' },
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
      { type: 'reply-end' },
    ]
    const chunks = parseFrames(geminiCli().writer().stream(answer)).map(({ data }) =>
      asObject(JSON.parse(data)),
    )
    const functionCall = { id: 'toolu_1', name: 'run_shell_command', args: { command: 'ls' } }
    expect(chunks).toMatchObject([
      { candidates: [{ content: { role: 'model', parts: [{ functionCall }] } }] },
      { candidates: [{ finishReason: 'STOP' }] },
    ])
  })
})

test('a question of Gemini CLI wants JSON of a schema', () => {
  expect(ask(geminiCliQuestion()).chat().responseFormat).toMatchObject({
    type: 'json-schema',
    schema: { required: ['reasoning', 'next_speaker'] },
  })
})
