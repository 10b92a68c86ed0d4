import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectReply, partsOf, textOf, type CollectedCandidate } from '../../core/collect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { openAiChat } from './index.ts'
import { OpenAiReplyReader } from './read-reply.ts'

function whole(message: object, more: object = {}): CollectedCandidate {
  const body = { choices: [{ index: 0, message, finish_reason: 'stop', ...more }] }
  return candidateOf(new OpenAiReplyReader().whole(JSON.stringify(body)))
}

function stream(deltas: readonly object[], last: object = {}): CollectedCandidate {
  const reader = new OpenAiReplyReader()
  const choices = [
    ...deltas.map((delta) => ({ index: 0, delta })),
    { index: 0, delta: {}, finish_reason: 'stop', ...last },
  ]
  const events = choices.flatMap((choice) => reader.frame({ data: JSON.stringify({ choices: [choice] }) }))
  return candidateOf([...events, ...reader.end()])
}

function candidateOf(events: readonly ReplyEvent[]): CollectedCandidate {
  const [candidate] = collectReply(events).candidates
  if (!candidate) throw new Error('no candidate')
  return candidate
}

describe('thinking', () => {
  test('may stand in a list, as Magistral has it', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Two and two.' }] },
      { type: 'text', text: '4' },
    ]
    for (const candidate of [whole({ content }), stream([{ content: [content[0]] }, { content: '4' }])]) {
      expect([textOf(candidate, 'thinking'), textOf(candidate, 'text')]).toEqual(['Two and two.', '4'])
    }
  })

  test('may be signed inside such a list, as Databricks has it', () => {
    const summary = [{ type: 'summary_text', text: 'Hm.', signature: 'sig' }]
    const { parts } = whole({
      content: [
        { type: 'reasoning', summary },
        { type: 'text', text: 'Hi' },
      ],
    })
    expect(parts).toMatchObject([
      { kind: 'thinking', text: 'Hm.', state: { dialect: 'anthropic', data: 'sig' } },
      { kind: 'text', text: 'Hi' },
    ])
  })

  test('with details is not told twice, and keeps all that must come back', () => {
    const detail = { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 }
    const { parts } = stream([
      { reasoning: 'Let ', reasoning_details: [{ ...detail, text: 'Let ' }] },
      { reasoning: 'me.', reasoning_details: [{ ...detail, text: 'me.' }] },
      { reasoning_details: [{ ...detail, signature: 'sig' }] },
      { content: 'Hi' },
    ])
    const data = JSON.stringify({ type: 'reasoning.text', format: 'anthropic-claude-v1', signature: 'sig' })
    expect(parts).toMatchObject([
      { kind: 'thinking', text: 'Let me.', state: { dialect: 'openai', data } },
      { kind: 'text', text: 'Hi' },
    ])
  })

  test('may have several details, one of them sealed', () => {
    const { parts } = whole({
      content: 'Hi',
      reasoning_details: [
        { type: 'reasoning.summary', summary: 'One.', id: 'rs_1', index: 0 },
        { type: 'reasoning.encrypted', data: 'sealed', id: 'rs_1', index: 1 },
      ],
    })
    expect(parts.map(({ kind, text }) => [kind, text])).toEqual([
      ['thinking', 'One.'],
      ['redacted-thinking', ''],
      ['text', 'Hi'],
    ])
  })
})

describe('tool calls', () => {
  const callsOf = (candidate: CollectedCandidate): unknown =>
    partsOf(candidate, 'tool-call').map(({ id, name, text }) => [id, name, text])

  test('one after the other without numbers and ids are several', () => {
    const call = (name: string): object => ({ tool_calls: [{ id: '', function: { name, arguments: '{}' } }] })
    expect(callsOf(stream([call('f'), call('g')]))).toEqual([
      ['', 'f', '{}'],
      ['', 'g', '{}'],
    ])
  })

  test('of one number but different ids are several', () => {
    const call = (id: string): object => ({
      tool_calls: [{ index: 0, id, function: { name: 'f', arguments: '{}' } }],
    })
    expect(callsOf(stream([call('a'), call('b')]))).toEqual([
      ['a', 'f', '{}'],
      ['b', 'f', '{}'],
    ])
  })

  test('may repeat id and name with each fragment', () => {
    const piece = (text: string): object => ({
      tool_calls: [{ id: 'a', function: { name: 'f', arguments: text } }],
    })
    expect(callsOf(stream([piece('{"x"'), piece(':1}')]))).toEqual([['a', 'f', '{"x":1}']])
  })

  test('may have a number for an id, and an object for arguments', () => {
    const tool_calls = [{ id: 0, function: { name: 'f', arguments: { x: 1 } } }]
    expect(callsOf(whole({ content: null, tool_calls }))).toEqual([['0', 'f', '{"x":1}']])
  })

  test('of before there were tools are calls without an id', () => {
    const legacy = { reason: 'tool_calls', native: { dialect: 'openai', reason: 'function_call' } }
    const candidate = stream(
      [{ function_call: { name: 'f', arguments: '' } }, { function_call: { arguments: '{"x":1}' } }],
      { finish_reason: 'function_call' },
    )
    expect(callsOf(candidate)).toEqual([['', 'f', '{"x":1}']])
    expect(candidate.end).toEqual(legacy)
    expect(whole({ content: 'Hi', function_call: { name: '', arguments: '' } }).parts).toHaveLength(1)
  })

  test('of custom tools are calls of a function with one text, however it is cut', () => {
    const text = 'print("é 👋")\n'
    fc.assert(
      fc.property(fc.nat(text.length), (at) => {
        const piece = (input: string): object => ({ tool_calls: [{ index: 0, custom: { input } }] })
        const head = {
          tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'py', input: '' } }],
        }
        const [call] = partsOf(stream([head, piece(text.slice(0, at)), piece(text.slice(at))]), 'tool-call')
        expect(JSON.parse(call?.text ?? '')).toEqual({ input: text })
      }),
    )
  })

  test('keep the signature that Gemini put on them', () => {
    const extra_content = { google: { thought_signature: 'c2ln' } }
    const tool_calls = [{ id: 'a', function: { name: 'f', arguments: '{}' }, extra_content }]
    expect(whole({ content: null, tool_calls }).parts).toMatchObject([
      { state: { dialect: 'gemini', data: 'c2ln' } },
    ])
  })
})

describe('an end', () => {
  test.each([
    ['tool_call', 'tool_calls'],
    ['eos', 'stop'],
    ['eos_token', 'stop'],
    ['model_length', 'length'],
  ])('of the word %s is %s, and the word is kept', (word, reason) => {
    const native = { dialect: 'openai', reason: word }
    expect(whole({ content: 'a' }, { finish_reason: word }).end).toEqual({ reason, native })
  })

  test('with `stop` beside calls waits for their results', () => {
    const tool_calls = [{ id: 'a', function: { name: 'f', arguments: '{}' } }]
    expect(whole({ content: null, tool_calls }).end?.reason).toBe('tool_calls')
  })

  test.each([
    [{ stop_reason: 'END' }, 'END'],
    [{ matched_stop: 'END' }, 'END'],
    [{ stop_reason: 154827 }, undefined],
    [{ stop_reason: 'end_turn' }, undefined],
  ])('says with %j that the sequence was %s', (more, sequence) => {
    expect(whole({ content: 'a' }, more).end?.stopSequence).toBe(sequence)
  })
})

test('sound is put together from its pieces, with what is said as the text', () => {
  const piece = (bytes: string): string => Buffer.from(bytes).toString('base64')
  const candidate = stream([
    { audio: { id: 'audio_1', transcript: 'Hel' } },
    { audio: { data: piece('ab') } },
    { audio: { transcript: 'lo' } },
    { audio: { data: piece('c') } },
  ])
  expect(candidate.parts).toMatchObject([
    { kind: 'text', text: 'Hello' },
    { kind: 'media', mediaType: 'audio/wav', data: piece('abc') },
  ])
})

test('an image by its URL is passed to clients of the same dialect', () => {
  const image = { type: 'image_url', image_url: { url: 'https://x/y.png' } }
  expect(whole({ content: '', images: [image] }).parts).toMatchObject([
    { kind: 'opaque', dialect: 'openai', value: image },
  ])
})

test('sources beside the answer are told once, however often they are repeated', () => {
  const reader = new OpenAiReplyReader()
  const chunk = (content: string, finish_reason: string | null = null): string =>
    JSON.stringify({
      choices: [{ index: 0, delta: { content }, message: { content: 'ignored' }, finish_reason }],
      citations: ['https://a.test'],
      search_results: [{ title: 'A', url: 'https://a.test' }],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    })
  const events = [chunk('a'), chunk('b'), chunk('', 'stop')].flatMap((data) => reader.frame({ data }))
  expect(candidateOf([...events, ...reader.end()]).parts).toEqual([
    { kind: 'text', text: 'ab', annotations: [{ url: 'https://a.test', title: 'A' }] },
  ])
})

describe('a stream', () => {
  const frame = (chunk: object, event?: string): ReplyEvent[] =>
    new OpenAiReplyReader().frame({ data: JSON.stringify(chunk), ...(event && { event }) })

  test.each<[string, object, string | undefined, object]>([
    [
      'an event of that name, with its status (Groq)',
      { error: { message: 'No.', code: 'tool_use_failed', status_code: 400 } },
      'error',
      { message: 'No.', status: 400, code: 'tool_use_failed' },
    ],
    [
      'a number for its code (OpenRouter)',
      { id: 'c', error: { message: 'Slow down.', code: 429 }, choices: [{ finish_reason: 'error' }] },
      undefined,
      { message: 'Slow down.', status: 429, kind: 'rate_limit' },
    ],
    [
      'its choice',
      { choices: [{ index: 0, error: { message: 'Gone.', code: 502 } }] },
      undefined,
      { message: 'Gone.', status: 502 },
    ],
    [
      'an object of its own (vLLM)',
      { object: 'error', message: 'Broken.', type: 'InternalServerError', code: 500 },
      undefined,
      { message: 'Broken.', status: 500 },
    ],
  ])('may fail in %s', (_where, chunk, event, error) => {
    expect(frame(chunk, event)).toEqual([{ type: 'error', error: expect.objectContaining(error) }])
  })

  test('begins with the first chunk that says something', () => {
    expect(frame({ id: '', model: '', choices: [], prompt_filter_results: [{}] })).toEqual([])
    expect(frame({ id: '', model: '', choices: [{ index: 0, delta: {} }] })).toEqual([
      { type: 'reply-start' },
    ])
  })

  test('may tell its usage where Groq does', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 }
    expect(frame({ choices: [], x_groq: { usage } })).toContainEqual({
      type: 'usage',
      usage: { inputTokens: 3, outputTokens: 2 },
    })
  })
})

test('whatever comes is read, or told as a bad response', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.constantFrom('message', 'delta', 'logprobs', 'usage', 'error'),
      (json, name) => {
        const value: unknown = JSON.parse(json)
        const body = JSON.stringify({ choices: [{ [name]: value }], [name]: value })
        for (const read of [
          () => openAiChat.reader({ model: 'm' }).whole(body),
          () => openAiChat.reader({ model: 'm' }).frame({ data: body }),
          () => openAiChat.reader({ model: 'm' }).whole(json),
        ]) {
          try {
            expect(read()).toBeInstanceOf(Array)
          } catch (error) {
            expect(error).toMatchObject({ name: 'GatewayError' })
          }
        }
      },
    ),
  )
})
