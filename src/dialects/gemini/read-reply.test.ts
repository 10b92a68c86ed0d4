import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectReply, type CollectedReply } from '../../core/collect.ts'
import { GatewayError } from '../../core/error.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import { GeminiReplyReader } from './read-reply.ts'

const answer = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
})

function stream(...chunks: JsonObject[]): ReplyEvent[] {
  const reader = new GeminiReplyReader()
  return [...chunks.flatMap((chunk) => reader.frame({ data: JSON.stringify(chunk) })), ...reader.end()]
}

const whole = (body: unknown): CollectedReply =>
  collectReply(new GeminiReplyReader().whole(JSON.stringify(body)))

describe('a stream', () => {
  test('of an older model, which gives its reason in every event, is one text', () => {
    const stop = { finishReason: 'STOP' }
    const reply = collectReply(stream(answer([{ text: 'Hel' }], stop), answer([{ text: 'lo' }], stop)))
    expect(reply.candidates).toMatchObject([
      { parts: [{ kind: 'text', text: 'Hello' }], end: { reason: 'stop' } },
    ])
  })

  test('without a reason is cut', () => {
    expect(stream(answer([{ text: 'Hel' }])).map(({ type }) => type)).not.toContain('reply-end')
    expect(stream()).toEqual([])
  })

  test('of several candidates is cut when one of them has not ended', () => {
    const [first] = answer([{ text: 'a' }], { finishReason: 'STOP' })['candidates'] as JsonObject[]
    const both = { candidates: [{ ...first }, { index: 1, content: { parts: [{ text: 'b' }] } }] }
    expect(stream(both).map(({ type }) => type)).not.toContain('reply-end')
  })

  test('of an imitator may end with a call in so many words', () => {
    const end = { finishReason: 'FUNCTION_CALL' }
    const { candidates } = collectReply(stream(answer([{ functionCall: { name: 'f', args: {} } }], end)))
    expect(candidates).toMatchObject([{ end: { reason: 'tool_calls' } }])
  })

  test('may hold calls in pieces', () => {
    const piece = (functionCall: JsonObject): JsonObject => answer([{ functionCall }])
    const reply = collectReply(
      stream(
        piece({ name: 'f', willContinue: true }),
        piece({
          partialArgs: [{ jsonPath: '$.city', stringValue: 'Pa', willContinue: true }],
          willContinue: true,
        }),
        piece({ partialArgs: [{ jsonPath: '$.city', stringValue: 'ris' }], willContinue: true }),
        piece({
          partialArgs: [
            { jsonPath: "$.days[0]['the day']", numberValue: 1 },
            { jsonPath: '$.days[1].name', nullValue: 'NULL_VALUE' },
            { jsonPath: '$.ok', boolValue: true },
          ],
          willContinue: true,
        }),
        piece({}),
        piece({ name: 'g', args: {} }),
        answer([], { finishReason: 'STOP' }),
      ),
    )
    expect(reply.candidates[0]).toMatchObject({
      parts: [
        {
          kind: 'tool-call',
          name: 'f',
          text: '{"city":"Paris","days":[{"the day":1},{"name":null}],"ok":true}',
        },
        { kind: 'tool-call', name: 'g', text: '{}' },
      ],
      end: { reason: 'tool_calls' },
    })
  })

  test.each(['$.a[5]', '$', '$.a[', '$..a'])('pieces at %s cannot be put together', (jsonPath) => {
    const functionCall = { name: 'f', partialArgs: [{ jsonPath, stringValue: 'x' }] }
    expect(() => stream(answer([{ functionCall }]))).toThrow(
      expect.objectContaining({ kind: 'bad_response' }),
    )
  })

  test('a piece whose beginning was not read is passed over', () => {
    const events = stream(answer([{ functionCall: {} }], { finishReason: 'STOP' }))
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'candidate-end', 'reply-end'])
  })
})

describe('a reply', () => {
  test('gets ids for calls that have none, each its own', () => {
    const { candidates } = whole(answer([{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }]))
    const ids = candidates[0]?.parts.map((part) => (part.kind === 'tool-call' ? part.id : ''))
    expect(ids).toEqual([expect.stringMatching(/^call_[0-9a-f]{24}$/), expect.stringMatching(/^call_/)])
    expect(new Set(ids).size).toBe(2)
  })

  test('whose prompt was refused has one candidate, filtered', () => {
    const { candidates } = whole({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })
    const native = { dialect: 'gemini', reason: 'PROHIBITED_CONTENT' }
    expect(candidates).toEqual([{ parts: [], logprobs: [], end: { reason: 'content_filter', native } }])
  })

  test('says why it was filtered, where the provider does', () => {
    const { candidates } = whole(answer([], { finishReason: 'SAFETY', finishMessage: 'Not that.' }))
    expect(candidates[0]).toMatchObject({
      parts: [{ kind: 'refusal', text: 'Not that.' }],
      end: { reason: 'content_filter' },
    })
  })

  test.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL'])(
    'that ended with %s failed',
    (finishReason) => {
      const failed = { kind: 'bad_response', status: 502, code: finishReason }
      expect(() => whole(answer([], { finishReason }))).toThrow(expect.objectContaining(failed))
      expect(stream(answer([], { finishReason })).at(-1)).toMatchObject({ type: 'error', error: failed })
    },
  )

  test('that holds an error is one', () => {
    const error = { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } }
    expect(() => whole(error)).toThrow(expect.objectContaining({ kind: 'rate_limit', message: 'Slow down.' }))
    expect(() => whole([error])).toThrow('Slow down.')
  })

  test('is put together from one list too', () => {
    const reply = whole([answer([{ text: 'Hel' }]), answer([{ text: 'lo' }], { finishReason: 'STOP' })])
    expect(reply.candidates[0]?.parts).toMatchObject([{ text: 'Hello' }])
  })

  test('keeps what only Gemini knows whole, and thinking with its state', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } }
    const { candidates } = whole(answer([code, { text: 'Hm.', thought: true, thoughtSignature: 'c2ln' }]))
    expect(candidates[0]?.parts).toMatchObject([
      { kind: 'opaque', dialect: 'gemini', value: code },
      { kind: 'thinking', text: 'Hm.', state: { dialect: 'gemini', data: 'c2ln' } },
    ])
  })

  test('counts bytes of its text for sources, and searches', () => {
    const groundingMetadata = {
      webSearchQueries: ['a', 'b'],
      groundingChunks: [{ web: { uri: 'https://example.com', title: 'Ä' } }],
      groundingSupports: [{ segment: { startIndex: 3, endIndex: 8 }, groundingChunkIndices: [0] }],
    }
    const reply = whole(answer([{ text: 'Ä, Grüße' }], { groundingMetadata }))
    expect(reply.candidates[0]?.parts[0]?.annotations).toEqual([
      {
        url: 'https://example.com',
        title: 'Ä',
        start: 2,
        end: 6,
        native: { dialect: 'gemini', value: { groundingMetadata } },
      },
    ])
    expect(reply.usage.webSearches).toBe(2)
  })

  test('has its sources within the text that they are for, whatever signs it', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://example.com' } }],
      groundingSupports: [{ segment: { endIndex: 2 }, groundingChunkIndices: [0] }],
    }
    const signed = { text: '', thoughtSignature: 'c2ln' }
    const events = stream(
      answer([{ text: 'Hi' }]),
      answer([signed], { groundingMetadata, finishReason: 'STOP' }),
    )
    expect(events.map(({ type }) => type)).toEqual([
      'reply-start',
      'part-start',
      'part-delta',
      'annotation',
      'part-end',
      'candidate-end',
      'reply-end',
    ])
    expect(collectReply(events).candidates[0]?.parts).toMatchObject([
      {
        text: 'Hi',
        state: { data: 'c2ln' },
        annotations: [{ url: 'https://example.com', start: 0, end: 2 }],
      },
    ])
    const late = whole(answer([{ text: 'Hi' }, { functionCall: { name: 'f' } }], { groundingMetadata }))
    expect(late.candidates[0]?.parts[2]).toMatchObject({ kind: 'text', text: '' })
    expect(late.candidates[0]?.parts[2]?.annotations[0]).not.toHaveProperty('start')
  })

  test.each([
    ['{"candidates":[]}', 'has no candidates'],
    ['<html>', 'is not valid JSON'],
    ['[]', 'has no candidates'],
    ['"x"', 'is not a JSON object'],
    ['{"candidates":[{"index":1000000000}]}', 'has a candidate whose number is too large'],
  ])('%s %s', (body, problem) => {
    const read = (): unknown => new GeminiReplyReader().whole(body)
    expect(read).toThrow(problem)
    expect(read).toThrow(GatewayError)
  })

  test('of any JSON makes the reader fail in no way but its own', () => {
    const names = [
      'candidates',
      'content',
      'parts',
      'functionCall',
      'groundingMetadata',
      'usageMetadata',
      'error',
    ]
    const body = fc.dictionary(fc.constantFrom(...names), fc.jsonValue())
    fc.assert(
      fc.property(body, fc.json(), (body, text) => {
        const part: JsonObject = JSON.parse(text)
        for (const json of [body, answer([part], { groundingMetadata: part, logprobsResult: part })]) {
          try {
            stream(json as JsonObject)
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError)
          }
        }
      }),
    )
  })
})
