import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectReply } from '../../core/collect.ts'
import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { parseFrames } from '../../wire/sse.ts'
import { writeEmbeddingsReply } from './embeddings.ts'
import { OpenAiReplyReader } from './read-reply.ts'
import { OpenAiReplyWriter, type OpenAiWriterOptions } from './write-reply.ts'

const OPTIONS: OpenAiWriterOptions = {
  kind: 'chat',
  chunkObject: 'chat.completion.chunk',
  showsUsage: true,
  showsDone: true,
  style: 'mlflow',
}

function writer(changes: Partial<OpenAiWriterOptions> = {}): OpenAiReplyWriter {
  return new OpenAiReplyWriter({ ...OPTIONS, ...changes })
}

/** The chunks as parsed JSON; `[DONE]` as it is. */
function chunks(text: string): unknown[] {
  return parseFrames(text).map(({ data }) => (data === '[DONE]' ? data : JSON.parse(data)))
}

const START: ReplyEvent = { type: 'reply-start', id: 'c1', model: 'm', createdAt: 7 }
const END: ReplyEvent = { type: 'reply-end' }

function part(
  head: PartHead,
  texts: readonly string[],
  [candidate, index]: [number, number] = [0, 0],
): ReplyEvent[] {
  return [
    { type: 'part-start', candidate, part: index, ...head },
    ...texts.map((text): ReplyEvent => ({ type: 'part-delta', candidate, part: index, text })),
    { type: 'part-end', candidate, part: index },
  ]
}

function ended(reason = 'stop', candidate = 0): ReplyEvent {
  return { type: 'candidate-end', candidate, reason }
}

describe('a whole answer', () => {
  test("of a chat has OpenAI's shape and order", () => {
    const usage: ReplyEvent = { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } }
    expect(writer().whole([START, ...part({ kind: 'text' }, ['Hi', '.']), ended(), usage, END])).toBe(
      '{"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}',
    )
  })

  test('of completions has its text in place of a message', () => {
    const events = [START, ...part({ kind: 'text' }, ['Hi']), ended('length'), END]
    expect(JSON.parse(writer({ kind: 'completions' }).whole(events))).toEqual({
      id: 'c1',
      object: 'text_completion',
      created: 7,
      model: 'm',
      choices: [{ index: 0, text: 'Hi', finish_reason: 'length' }],
      usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null },
    })
  })

  test('shows thinking, a refusal, tool calls and the details of the usage', () => {
    const events: ReplyEvent[] = [
      ...part({ kind: 'thinking' }, ['hm']),
      ...part({ kind: 'refusal' }, ['no'], [0, 1]),
      ...part({ kind: 'tool-call', id: 'a', name: 'f' }, ['{"x"', ':1}'], [0, 2]),
      ended('tool_calls'),
      { type: 'usage', usage: { totalTokens: 9, cacheReadTokens: 1, reasoningTokens: 2 } },
    ]
    expect(JSON.parse(writer().whole(events))).toMatchObject({
      id: null,
      model: null,
      created: expect.any(Number),
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            reasoning_content: 'hm',
            refusal: 'no',
            tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        total_tokens: 9,
        prompt_tokens_details: { cached_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    })
  })
})

describe('a stream', () => {
  test('has a chunk for each piece, as MLflow 2.10 shapes them', () => {
    const text = writer().stream([START, ...part({ kind: 'text' }, ['Hi']), ended(), END])
    const head = { id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm' }
    expect(chunks(text)).toEqual([
      { ...head, choices: [{ index: 0, finish_reason: null, delta: { role: 'assistant', content: '' } }] },
      { ...head, choices: [{ index: 0, finish_reason: null, delta: { role: null, content: 'Hi' } }] },
      { ...head, choices: [{ index: 0, finish_reason: 'stop', delta: { role: null, content: null } }] },
      '[DONE]',
    ])
  })

  test('is the same however the events are dealt out', () => {
    const events = [START, ...part({ kind: 'text' }, ['a', 'b']), ended(), END]
    const one = writer()
    const single = events.map((event) => one.stream([event])).join('')
    expect(single).toBe(writer().stream(events))
  })

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('shows the usage last when asked (%s) and [DONE] when wanted (%s)', (showsUsage, showsDone) => {
    const usage: ReplyEvent[] = [
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } },
      { type: 'usage', usage: { outputTokens: 2 } },
    ]
    const last = chunks(writer({ showsUsage, showsDone }).stream([START, ended(), ...usage, END])).slice(1)
    const chunk = expect.objectContaining({
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    })
    expect(last).toEqual([...(showsUsage ? [chunk] : []), ...(showsDone ? ['[DONE]'] : [])])
  })

  test('shows no usage that is not known', () => {
    expect(chunks(writer().stream([START, END]))).toEqual(['[DONE]'])
  })

  test('numbers the tool calls of each candidate from nought', () => {
    const call = (id: string): PartHead => ({ kind: 'tool-call', id, name: 'f' })
    const text = writer().stream([
      START,
      ...part({ kind: 'text' }, ['x']),
      ...part(call('a'), ['1'], [0, 1]),
      ...part(call('b'), ['2'], [0, 2]),
      ...part(call('c'), ['3'], [1, 0]),
    ])
    const numbers = Array.from(text.matchAll(/"tool_calls":\[\{"index":(\d)/g), ([, index]) => index)
    expect(numbers.join('')).toBe('001100')
  })

  test('says nothing before there is something to say', () => {
    expect(writer().stream([START])).toBe('')
    expect(writer().stream([])).toBe('')
  })
})

test("embeddings have OpenAI's shape", () => {
  const reply = { model: 'm', vectors: [[0.5], 'AAAAPw=='], usage: { inputTokens: 3 } }
  expect(JSON.parse(writeEmbeddingsReply(reply))).toEqual({
    object: 'list',
    data: [
      { object: 'embedding', embedding: [0.5], index: 0 },
      { object: 'embedding', embedding: [0.5], index: 1 },
    ],
    model: 'm',
    usage: { prompt_tokens: 3, total_tokens: 3 },
  })
  expect(JSON.parse(writeEmbeddingsReply({ vectors: [], usage: {} }))).toMatchObject({
    model: null,
    usage: { prompt_tokens: null, total_tokens: null },
  })
})

describe('what is written is read back as the same reply', () => {
  const texts = fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 3 })
  const call = fc.record({ id: fc.string({ minLength: 1 }), name: fc.string({ minLength: 1 }), texts })
  const candidate = fc.record({
    thinking: fc.option(texts),
    text: fc.option(texts),
    refusal: fc.option(texts),
    calls: fc.array(call, { maxLength: 3 }),
    reason: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter', 'odd'),
  })
  const reply = fc.record({
    candidates: fc.array(candidate, { minLength: 1, maxLength: 4 }),
    usage: fc.option(
      fc.record({
        inputTokens: fc.nat(),
        outputTokens: fc.nat(),
        cacheReadTokens: fc.nat(),
        reasoningTokens: fc.nat(),
      }),
    ),
    /** Which candidate speaks next, where they interleave. */
    turns: fc.array(fc.nat(3), { maxLength: 60 }),
  })
  type Generated = typeof reply extends fc.Arbitrary<infer Value> ? Value : never

  function candidateEvents(candidate: Generated['candidates'][number], index: number): ReplyEvent[] {
    const heads: [PartHead, readonly string[]][] = []
    for (const kind of ['thinking', 'text', 'refusal'] as const) {
      const pieces = candidate[kind]
      if (pieces) heads.push([{ kind }, pieces])
    }
    for (const { id, name, texts } of candidate.calls) heads.push([{ kind: 'tool-call', id, name }, texts])
    return [
      ...heads.flatMap(([head, pieces], at) => part(head, pieces, [index, at])),
      // Calls that end with `stop` are read as what they are.
      ended(
        candidate.reason === 'stop' && candidate.calls.length > 0 ? 'tool_calls' : candidate.reason,
        index,
      ),
    ]
  }

  function toEvents({ candidates, usage, turns }: Generated): ReplyEvent[] {
    const queues = candidates.map(candidateEvents)
    const events: ReplyEvent[] = [START]
    for (const turn of turns) {
      const event = queues[turn % queues.length]?.shift()
      if (event) events.push(event)
    }
    events.push(...queues.flat())
    if (usage)
      events.push({ type: 'usage', usage: { ...usage, totalTokens: usage.inputTokens + usage.outputTokens } })
    return [...events, END]
  }

  test('whole', () => {
    fc.assert(
      fc.property(reply, (generated) => {
        const events = toEvents(generated)
        expect(collectReply(new OpenAiReplyReader().whole(writer().whole(events)))).toEqual(
          collectReply(events),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('streamed', () => {
    fc.assert(
      fc.property(reply, (generated) => {
        const events = toEvents(generated)
        const reader = new OpenAiReplyReader()
        const read = parseFrames(writer().stream(events)).flatMap((frame) => reader.frame(frame))
        expect(collectReply(read)).toEqual(collectReply(events))
        expect(read.filter(({ type }) => type === 'reply-end')).toHaveLength(1)
      }),
      { numRuns: 200 },
    )
  })
})
