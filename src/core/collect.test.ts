import { describe, expect, test } from 'vitest'
import { collectReply } from './collect.ts'
import { GatewayError } from './error.ts'
import { isContent, type ReplyEvent } from './events.ts'

const EMPTY = { parts: [], logprobs: [] }

function part(kind: 'text' | 'thinking' | 'refusal', text: string): object {
  return { kind, text, annotations: [] }
}

function delta(candidate: number, part: number, text: string): ReplyEvent {
  return { type: 'part-delta', candidate, part, text }
}

describe('collectReply', () => {
  test('puts the pieces of each kind together', () => {
    expect(
      collectReply([
        { type: 'reply-start', id: 'r1', model: 'm', createdAt: 7 },
        { type: 'part-start', candidate: 0, part: 0, kind: 'thinking' },
        delta(0, 0, 'hm'),
        delta(0, 0, 'm'),
        { type: 'part-end', candidate: 0, part: 0 },
        { type: 'part-start', candidate: 0, part: 1, kind: 'text' },
        delta(0, 1, 'a'),
        delta(0, 1, 'b'),
        { type: 'part-end', candidate: 0, part: 1 },
        { type: 'part-start', candidate: 0, part: 2, kind: 'refusal' },
        delta(0, 2, 'no'),
        { type: 'part-end', candidate: 0, part: 2 },
        { type: 'candidate-end', candidate: 0, reason: 'stop' },
        { type: 'usage', usage: { inputTokens: 1 } },
        { type: 'usage', usage: { inputTokens: 2, outputTokens: 3 } },
        { type: 'reply-end' },
      ]),
    ).toEqual({
      id: 'r1',
      model: 'm',
      createdAt: 7,
      usage: { inputTokens: 2, outputTokens: 3 },
      candidates: [
        {
          parts: [part('thinking', 'hmm'), part('text', 'ab'), part('refusal', 'no')],
          logprobs: [],
          end: { reason: 'stop' },
        },
      ],
    })
  })

  test('keeps the candidates apart when they interleave', () => {
    const reply = collectReply([
      { type: 'part-start', candidate: 1, part: 0, kind: 'text' },
      { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
      delta(1, 0, 'x'),
      delta(0, 0, 'a'),
      delta(1, 0, 'y'),
      delta(0, 0, 'b'),
      { type: 'candidate-end', candidate: 1, reason: 'length' },
      { type: 'candidate-end', candidate: 0, reason: 'stop' },
    ])
    expect(reply.candidates).toEqual([
      { ...EMPTY, parts: [part('text', 'ab')], end: { reason: 'stop' } },
      { ...EMPTY, parts: [part('text', 'xy')], end: { reason: 'length' } },
    ])
  })

  test('makes one call of each tool-call part', () => {
    const reply = collectReply([
      { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'c1', name: 'f' },
      delta(0, 0, '{"a"'),
      delta(0, 0, ':1}'),
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'part-start', candidate: 0, part: 1, kind: 'tool-call', id: 'c2', name: 'f' },
    ])
    expect(reply.candidates[0]?.parts).toEqual([
      { kind: 'tool-call', id: 'c1', name: 'f', text: '{"a":1}', annotations: [] },
      { kind: 'tool-call', id: 'c2', name: 'f', text: '', annotations: [] },
    ])
  })

  test('keeps the pieces of open tool calls apart', () => {
    const reply = collectReply([
      { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'c1', name: 'f' },
      { type: 'part-start', candidate: 0, part: 1, kind: 'tool-call', id: 'c2', name: 'g' },
      delta(0, 0, '{"a":1}'),
      delta(0, 1, '{"b":2}'),
    ])
    expect(reply.candidates[0]?.parts.map(({ text }) => text)).toEqual(['{"a":1}', '{"b":2}'])
  })

  test('fills the place of a candidate that said nothing', () => {
    expect(collectReply([{ type: 'candidate-end', candidate: 1, reason: 'stop' }]).candidates).toEqual([
      EMPTY,
      { ...EMPTY, end: { reason: 'stop' } },
    ])
  })

  test('says nothing of what was not there', () => {
    expect(collectReply([{ type: 'reply-start' }, { type: 'reply-end' }])).toEqual({
      usage: {},
      candidates: [],
    })
  })

  test('keeps what signs a part, where it comes from, and how likely it was', () => {
    const state = { dialect: 'anthropic', data: 'sig' }
    const reply = collectReply([
      { type: 'part-start', candidate: 0, part: 0, kind: 'thinking' },
      { type: 'part-end', candidate: 0, part: 0, state },
      { type: 'part-start', candidate: 0, part: 1, kind: 'text' },
      { type: 'annotation', candidate: 0, part: 1, annotation: { url: 'https://a.test' } },
      { type: 'logprobs', candidate: 0, tokens: [{ token: 'a', logprob: -1, alternatives: [] }] },
    ])
    expect(reply.candidates[0]).toEqual({
      parts: [
        { kind: 'thinking', text: '', annotations: [], state },
        { kind: 'text', text: '', annotations: [{ url: 'https://a.test' }] },
      ],
      logprobs: [{ token: 'a', logprob: -1, alternatives: [] }],
    })
  })

  test('throws the error of an error event', () => {
    const error = new GatewayError('x', { kind: 'overloaded', status: 503 })
    expect(() => collectReply([delta(0, 0, 'a'), { type: 'error', error }])).toThrow(error)
  })
})

describe('isContent', () => {
  test.each<[boolean, ReplyEvent]>([
    [false, { type: 'reply-start', id: 'r' }],
    [false, { type: 'part-start', candidate: 0, part: 0, kind: 'text' }],
    [false, { type: 'part-start', candidate: 0, part: 0, kind: 'thinking' }],
    [true, { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'c', name: 'f' }],
    [false, delta(0, 0, '')],
    [true, delta(0, 0, ' ')],
    [false, { type: 'part-end', candidate: 0, part: 0 }],
    [true, { type: 'candidate-end', candidate: 0, reason: 'stop' }],
    [false, { type: 'usage', usage: {} }],
    [false, { type: 'reply-end' }],
  ])('%s for %j', (expected, event) => {
    expect(isContent(event)).toBe(expected)
  })
})
