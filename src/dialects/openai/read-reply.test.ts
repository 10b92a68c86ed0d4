import { describe, expect, test } from 'vitest'
import {
  collectReply,
  partsOf,
  textOf,
  type CollectedCandidate,
  type CollectedReply,
} from '../../core/collect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { readEmbeddingsReply } from './embeddings.ts'
import { OpenAiReplyReader } from './read-reply.ts'

const BAD_RESPONSE = { kind: 'bad_response', status: 502 }

function whole(body: unknown): ReplyEvent[] {
  return new OpenAiReplyReader().whole(JSON.stringify(body))
}

function stream(...chunks: unknown[]): ReplyEvent[] {
  const reader = new OpenAiReplyReader()
  const events = chunks.flatMap((chunk) =>
    reader.frame({ data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk) }),
  )
  return [...events, ...reader.end()]
}

function delta(content: object, reason: string | null = null, index = 0): unknown {
  return { id: 'c1', model: 'm', created: 7, choices: [{ index, delta: content, finish_reason: reason }] }
}

/** The first candidate, its parts by kind. */
function first(reply: CollectedReply): unknown {
  return shown(reply.candidates[0])
}

function shown(candidate: CollectedCandidate | undefined): unknown {
  if (!candidate) return undefined
  return {
    text: textOf(candidate, 'text'),
    thinking: textOf(candidate, 'thinking'),
    refusal: textOf(candidate, 'refusal'),
    toolCalls: partsOf(candidate, 'tool-call').map(({ id, name, text }) => ({ id, name, arguments: text })),
    reason: candidate.end?.reason,
  }
}

const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
}
const READ_USAGE = {
  inputTokens: 10,
  outputTokens: 5,
  totalTokens: 15,
  cacheReadTokens: 4,
  reasoningTokens: 2,
}

describe('a whole answer', () => {
  test('becomes the canonical events, in their order', () => {
    const message = { role: 'assistant', content: 'Hi.' }
    const body = {
      id: 'c1',
      model: 'm',
      created: 7,
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: USAGE,
    }
    expect(whole(body)).toEqual([
      { type: 'reply-start', id: 'c1', model: 'm', createdAt: 7 },
      { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
      { type: 'part-delta', candidate: 0, part: 0, text: 'Hi.' },
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'candidate-end', candidate: 0, reason: 'stop' },
      { type: 'usage', usage: READ_USAGE },
      { type: 'reply-end' },
    ])
  })

  test('may think, speak, refuse and call several tools', () => {
    const message = {
      reasoning_content: 'hm',
      content: 'ok',
      refusal: 'not that',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'f', arguments: '' } },
        { id: 'c', type: 'function', function: { name: 'g', arguments: { y: 2 } } },
      ],
    }
    expect(
      first(collectReply(whole({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }))),
    ).toEqual({
      text: 'ok',
      thinking: 'hm',
      refusal: 'not that',
      toolCalls: [
        { id: 'a', name: 'f', arguments: '{"x":1}' },
        { id: 'b', name: 'f', arguments: '' },
        { id: 'c', name: 'g', arguments: '{"y":2}' },
      ],
      reason: 'tool_calls',
    })
  })

  test('may hold several choices, in any order', () => {
    const choices = [
      { index: 1, message: { content: 'b' }, finish_reason: 'length' },
      { index: 0, message: { content: 'a' }, finish_reason: 'stop' },
    ]
    expect(collectReply(whole({ choices })).candidates.map(shown)).toMatchObject([
      { text: 'a', reason: 'stop' },
      { text: 'b', reason: 'length' },
    ])
  })

  test('may have an empty text, no choice, no usage and a finish reason of its own', () => {
    const choices = [{ index: 0, message: { content: '' }, finish_reason: 'odd' }]
    expect(whole({ choices, usage: null })).toEqual([
      { type: 'reply-start' },
      { type: 'candidate-end', candidate: 0, reason: 'odd' },
      { type: 'reply-end' },
    ])
    expect(whole({ choices: [] })).toEqual([{ type: 'reply-start' }, { type: 'reply-end' }])
  })

  test('is none with choices that are no objects', () => {
    expect(() => whole({ choices: [['a']] })).toThrow('has no "choices"')
  })

  test('may hold members of wrong types, which count as absent', () => {
    const message = { content: 5, refusal: {}, tool_calls: 'x' }
    const body = {
      id: 7,
      model: null,
      created: 'now',
      choices: [{ message, finish_reason: 3 }],
      usage: { prompt_tokens: 'x' },
    }
    expect(whole(body)).toEqual([
      { type: 'reply-start' },
      { type: 'usage', usage: {} },
      { type: 'reply-end' },
    ])
  })

  test.each([
    ['not JSON', '<html>', "The provider's answer is not valid JSON."],
    ['nothing', '', "The provider's answer is not valid JSON."],
    ['a list', '[]', "The provider's answer is not a JSON object."],
    ['null', 'null', "The provider's answer is not a JSON object."],
    ['without choices', '{"ok":true}', 'The provider\'s answer has no "choices".'],
    ['with choices of another kind', '{"choices":{}}', 'The provider\'s answer has no "choices".'],
  ])('that is %s is a bad response', (_what, body, message) => {
    expect(() => new OpenAiReplyReader().whole(body)).toThrow(
      expect.objectContaining({ ...BAD_RESPONSE, message }),
    )
  })

  test('that is an error after all is told as one', () => {
    expect(() => whole({ error: { message: 'Overloaded.' } })).toThrow(
      expect.objectContaining({ message: 'Overloaded.', status: 502, kind: 'server_error' }),
    )
  })
})

describe('a stream', () => {
  test('becomes the canonical events, in their order', () => {
    const events = stream(
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Hi' }),
      delta({ content: '.' }),
      delta({}, 'stop'),
      { id: 'c1', choices: [], usage: USAGE },
      '[DONE]',
    )
    expect(events).toEqual([
      { type: 'reply-start', id: 'c1', model: 'm', createdAt: 7 },
      { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
      { type: 'part-delta', candidate: 0, part: 0, text: 'Hi' },
      { type: 'part-delta', candidate: 0, part: 0, text: '.' },
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'candidate-end', candidate: 0, reason: 'stop' },
      { type: 'usage', usage: READ_USAGE },
      { type: 'reply-end' },
    ])
  })

  test('may think before it speaks, in either of the two words for it', () => {
    for (const word of ['reasoning_content', 'reasoning']) {
      const events = stream(
        delta({ [word]: 'h' }),
        delta({ [word]: 'm' }),
        delta({ content: 'ok' }),
        delta({}, 'stop'),
      )
      expect(first(collectReply(events))).toMatchObject({ thinking: 'hm', text: 'ok' })
    }
  })

  test('may refuse', () => {
    const events = stream(delta({ refusal: 'I ' }), delta({ refusal: 'must not.' }), delta({}, 'stop'))
    expect(first(collectReply(events))).toMatchObject({ text: '', refusal: 'I must not.' })
  })

  test('may send tool calls in fragments', () => {
    const fragment = (index: number, text: string): unknown =>
      delta({ tool_calls: [{ index, function: { arguments: text } }] })
    const begin = (index: number, id: string, name: string): unknown =>
      delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })
    const events = stream(
      delta({ content: 'Let me see. ' }),
      begin(0, 'a', 'f'),
      fragment(0, '{"x"'),
      fragment(0, ':1}'),
      begin(1, 'b', 'f'),
      fragment(1, '{}'),
      delta({}, 'tool_calls'),
    )
    expect(first(collectReply(events))).toMatchObject({
      text: 'Let me see. ',
      toolCalls: [
        { id: 'a', name: 'f', arguments: '{"x":1}' },
        { id: 'b', name: 'f', arguments: '{}' },
      ],
      reason: 'tool_calls',
    })
  })

  test('may send tool calls whole, several in one chunk and without numbers', () => {
    const tool_calls = [
      { id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'b', function: { name: 'g', arguments: '{"y":2}' } },
    ]
    expect(first(collectReply(stream(delta({ tool_calls }), delta({}, 'tool_calls'))))).toMatchObject({
      toolCalls: [
        { id: 'a', name: 'f', arguments: '{"x":1}' },
        { id: 'b', name: 'g', arguments: '{"y":2}' },
      ],
    })
  })

  test('may interleave the fragments of its tool calls', () => {
    const call = (index: number, more: object): object => ({ tool_calls: [{ index, ...more }] })
    const events = stream(
      delta(call(0, { id: 'a', function: { name: 'f', arguments: '' } })),
      delta(call(1, { id: 'b', function: { name: 'g', arguments: '' } })),
      delta(call(0, { function: { arguments: '{"x":1}' } })),
      delta(call(1, { function: { arguments: '{"y":2}' } })),
      delta({}, 'tool_calls'),
    )
    expect(first(collectReply(events))).toMatchObject({
      toolCalls: [
        { id: 'a', name: 'f', arguments: '{"x":1}' },
        { id: 'b', name: 'g', arguments: '{"y":2}' },
      ],
    })
  })

  test('may interleave its choices', () => {
    const events = stream(
      delta({ content: 'x' }, null, 1),
      delta({ content: 'a' }, null, 0),
      delta({ content: 'y' }, null, 1),
      delta({}, 'stop', 1),
      delta({ content: 'b' }, null, 0),
      delta({}, 'length', 0),
      '[DONE]',
    )
    expect(collectReply(events).candidates.map(shown)).toMatchObject([
      { text: 'ab', reason: 'length' },
      { text: 'xy', reason: 'stop' },
    ])
  })

  test('starts only once, and a part only where the kind changes', () => {
    const types = stream(delta({ content: 'a' }), delta({ content: 'b' }), delta({}, 'stop')).map(
      ({ type }) => type,
    )
    expect(types).toEqual([
      'reply-start',
      'part-start',
      'part-delta',
      'part-delta',
      'part-end',
      'candidate-end',
      'reply-end',
    ])
  })

  test('may leave out [DONE] once it gave a finish reason', () => {
    expect(stream(delta({ content: 'a' }, 'stop')).at(-1)).toEqual({ type: 'reply-end' })
  })

  test('has no end when it gave neither [DONE] nor a finish reason', () => {
    expect(stream(delta({ content: 'a' }))).not.toContainEqual({ type: 'reply-end' })
    expect(stream()).toEqual([])
  })

  test('has no end without [DONE] while one of its choices has no finish reason', () => {
    const events = stream(delta({ content: 'a' }, null, 0), delta({ content: 'b' }, 'stop', 1))
    expect(events).not.toContainEqual({ type: 'reply-end' })
  })

  test('ends once, whatever follows [DONE]', () => {
    expect(stream('[DONE]', '[DONE]', delta({ content: 'late' }), 'garbage')).toEqual([{ type: 'reply-end' }])
  })

  test('may say within that it failed', () => {
    const [event] = stream({ error: { message: 'The server is overloaded.', type: 'server_error' } })
    expect(event).toMatchObject({
      type: 'error',
      error: { message: 'The server is overloaded.', status: 502 },
    })
  })

  test('may carry "error": null in every chunk', () => {
    const chunk = { error: null, choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] }
    expect(first(collectReply(stream(chunk)))).toMatchObject({ text: 'a', reason: 'stop' })
  })

  test.each(['{"choices":[', 'garbage', '[]', '5', ''])('that holds %j is a bad response', (data) => {
    expect(() => new OpenAiReplyReader().frame({ data })).toThrow(expect.objectContaining(BAD_RESPONSE))
  })
})

describe('embeddings', () => {
  test('are read with their model and usage', () => {
    const body = {
      object: 'list',
      data: [
        { embedding: [0.5, -1], index: 0 },
        { embedding: 'AAAA', index: 1 },
      ],
      model: 'm',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    }
    expect(readEmbeddingsReply(JSON.stringify(body))).toEqual({
      vectors: [[0.5, -1], 'AAAA'],
      model: 'm',
      usage: { inputTokens: 3, totalTokens: 3 },
    })
  })

  test('may lack model and usage', () => {
    expect(readEmbeddingsReply('{"data":[]}')).toEqual({ vectors: [], usage: {} })
  })

  test.each(['', '[]', '{}', '{"data":{}}', '{"data":[{}]}', '{"data":[5]}', '{"data":[{"embedding":{}}]}'])(
    'in %j are a bad response',
    (body) => {
      expect(() => readEmbeddingsReply(body)).toThrow(expect.objectContaining(BAD_RESPONSE))
    },
  )
})

test.each([
  [JSON.stringify({ choices: [], usage: USAGE }), READ_USAGE],
  ['{"choices":[]}', undefined],
  ['{"usage":null}', undefined],
  ['garbage', undefined],
])('the usage of the unread body %j is found', (body, expected) => {
  expect(new OpenAiReplyReader().usage(Buffer.from(body))).toEqual(expected)
})
