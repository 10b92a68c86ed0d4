import { expect, test } from 'vitest'
import { collectReply, textOf } from '../../core/collect.ts'
import type { ChatRequest } from '../../core/request.ts'
import { ai21Complete } from './index.ts'

const target = { model: 'j2-ultra' }

function prompt(changes: Partial<ChatRequest> = {}): ChatRequest {
  const parts = [{ type: 'text' as const, text: 'I will' }]
  return { messages: [{ role: 'user', parts, extras: {} }], stream: false, extras: {}, ...changes }
}

test("a prompt carries its parameters in AI21's names, and no model", () => {
  const request = prompt({ temperature: 1, topP: 0.9, maxTokens: 5, stop: ['.'], candidates: 2 })
  const written = ai21Complete.write({ ...request, extras: { minTokens: 1 }, seed: 1 }, target)
  expect(JSON.parse(written.body)).toEqual({
    minTokens: 1,
    prompt: 'I will',
    temperature: 0.5,
    topP: 0.9,
    maxTokens: 5,
    stopSequences: ['.'],
    numResults: 2,
  })
  expect(written.dropped).toEqual(['seed'])
})

test('the names that the gateway has others for are refused', () => {
  expect(() => ai21Complete.write(prompt({ extras: { maxTokens: 5000 } }), target)).toThrow(
    'Invalid parameter maxTokens. Use {parameter} instead.',
  )
})

const answer = JSON.stringify({
  id: 'an-id',
  prompt: { text: 'I will', tokens: [{}, {}] },
  completions: [
    { data: { text: ' complete this', tokens: [{}, {}, {}] }, finishReason: { reason: 'length', length: 3 } },
    { data: { text: '', tokens: [{}] }, finishReason: { reason: 'endoftext' } },
  ],
})

test('completions are answers, and their tokens are counted', () => {
  const reply = collectReply(ai21Complete.reader(target).whole(answer))
  expect(reply.id).toBe('an-id')
  expect(reply.candidates.map((candidate) => textOf(candidate, 'text'))).toEqual([' complete this', ''])
  expect(reply.candidates.map(({ end }) => end?.reason)).toEqual(['length', 'stop'])
  expect(reply.usage).toEqual({ inputTokens: 2, outputTokens: 4 })
  expect(ai21Complete.reader(target).usage(Buffer.from(answer))).toEqual(reply.usage)
})

test('an answer without lists of tokens has no usage', () => {
  const reply = collectReply(ai21Complete.reader(target).whole('{"completions":[{"data":{"text":"x"}}]}'))
  expect(reply.usage).toEqual({})
  expect(reply.candidates[0]?.end).toEqual({ reason: 'stop' })
})

test.each(['{}', '[]', '"x"', '{'])('%s is a bad answer', (body) => {
  expect(() => ai21Complete.reader(target).whole(body)).toThrow(/The provider's answer/)
})
