import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectReply, textOf } from '../../core/collect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { ChatRequest } from '../../core/request.ts'
import { tgiGenerate } from './index.ts'

const target = { model: 'a-model' }

function prompt(changes: Partial<ChatRequest> = {}): ChatRequest {
  const parts = [{ type: 'text' as const, text: 'Once' }]
  return { messages: [{ role: 'user', parts, extras: {} }], stream: false, extras: {}, ...changes }
}

function write(request: ChatRequest): unknown {
  return JSON.parse(tgiGenerate.write(request, target).body)
}

describe('a prompt for generation', () => {
  test("carries its parameters in the server's names", () => {
    const request = prompt({ temperature: 0.5, topP: 0.9, topK: 4, maxTokens: 8, stop: ['x'], seed: 7 })
    expect(write(request)).toEqual({
      inputs: 'Once',
      parameters: {
        details: true,
        decoder_input_details: true,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 4,
        max_new_tokens: 8,
        stop: ['x'],
        seed: 7,
      },
    })
  })

  test('never has a temperature of 0, a top_p of 1 or, in a stream, details of the prompt', () => {
    expect(write(prompt({ temperature: 0, topP: 1, stream: true }))).toEqual({
      inputs: 'Once',
      parameters: { details: true, temperature: 0.001 },
    })
  })

  test('is refused for more than one answer, and for the names that the gateway has others for', () => {
    expect(() => write(prompt({ candidates: 2 }))).toThrow("must be '1'")
    expect(() => write(prompt({ extras: { max_new_tokens: 5 } }))).toThrow(
      'Invalid parameter max_new_tokens. Use {parameter} instead.',
    )
  })

  test('sends on what only the server knows, and names what it does not', () => {
    const written = tgiGenerate.write(prompt({ extras: { watermark: true }, presencePenalty: 1 }), target)
    expect(JSON.parse(written.body)).toMatchObject({ parameters: { watermark: true } })
    expect(written.dropped).toEqual(['presencePenalty'])
  })
})

const whole = JSON.stringify({
  generated_text: 'upon a time',
  details: {
    finish_reason: 'eos_token',
    generated_tokens: 3,
    prefill: [{ id: 1, text: 'Once', logprob: null }],
  },
})

describe('generated text', () => {
  test('is an answer with its end and its tokens', () => {
    const reply = collectReply(tgiGenerate.reader(target).whole(whole))
    expect(reply.model).toBe('a-model')
    expect(reply.candidates[0]?.end).toEqual({
      reason: 'stop',
      native: { dialect: 'tgi', reason: 'eos_token' },
    })
    expect(reply.candidates.map((candidate) => textOf(candidate, 'text'))).toEqual(['upon a time'])
    expect(reply.usage).toEqual({ inputTokens: 1, outputTokens: 3 })
    expect(tgiGenerate.reader(target).usage(Buffer.from(whole))).toEqual(reply.usage)
  })

  test('may stand in a list, and may lack details', () => {
    const reply = collectReply(tgiGenerate.reader(target).whole('[{"generated_text":"x"}]'))
    expect(reply.candidates[0]?.end).toEqual({ reason: 'stop' })
    expect(reply.usage).toEqual({})
  })

  test.each(['{}', '[]', '{"error":"busy","error_type":"overloaded"}', 'nonsense', 'null'])(
    'is missing in %s',
    (body) => {
      expect(() => tgiGenerate.reader(target).whole(body)).toThrow(/./)
    },
  )
})

const frames = [
  { index: 1, token: { id: 1, text: 'up', special: false }, generated_text: null, details: null },
  { index: 2, token: { id: 2, text: 'on', special: false }, generated_text: null, details: null },
  {
    index: 3,
    token: { id: 3, text: '</s>', special: true },
    generated_text: 'upon',
    details: { finish_reason: 'length', generated_tokens: 3, input_length: 5 },
  },
]
const stream = frames.map((frame) => `data:${JSON.stringify(frame)}\n\n`).join('')

function read(chunks: readonly Buffer[]): ReplyEvent[] {
  const reader = tgiGenerate.reader(target)
  const splitter = tgiGenerate.framing.splitter()
  return chunks.flatMap((chunk) => {
    const complete = splitter.push(chunk)
    return complete ? tgiGenerate.framing.parse(complete).flatMap((frame) => reader.frame(frame)) : []
  })
}

describe('a stream of tokens', () => {
  test('is the same however it is cut, and leaves out special tokens', () => {
    const bytes = Buffer.from(stream)
    const expected = read([bytes])
    expect(collectReply(expected)).toMatchObject({
      candidates: [{ parts: [{ text: 'upon' }], end: { reason: 'length' } }],
      usage: { inputTokens: 5, outputTokens: 3 },
    })
    fc.assert(
      fc.property(fc.nat(bytes.length), (at) => {
        expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected)
      }),
    )
  })

  test('that ends early has no end', () => {
    const events = read([Buffer.from(stream.slice(0, stream.indexOf('\n\n') + 2))])
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'part-start', 'part-delta'])
  })

  test('may fail in its midst', () => {
    const [event] = tgiGenerate
      .reader(target)
      .frame({ data: '{"error":"out of memory","error_type":"generation"}' })
    expect(event).toMatchObject({ type: 'error', error: { message: 'out of memory', code: 'generation' } })
  })
})

test.each([
  [422, 'text/plain', 'Failed to deserialize', 'Failed to deserialize', 'bad_request'],
  [429, 'application/json', '{"error":"Model is overloaded"}', 'Model is overloaded', 'rate_limit'],
  [503, 'text/html', '<html>', 'The provider refused the request with status 503.', 'overloaded'],
  [302, '', '', 'The provider refused the request with status 302.', 'bad_response'],
])('a refusal with status %d and %s is told', (status, type, body, message, kind) => {
  expect(tgiGenerate.readError(status, type, body)).toMatchObject({ message, kind })
})
