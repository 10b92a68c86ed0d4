import { expect, test } from 'vitest'
import { compare, summarise, type Comparison } from './comparison.ts'
import type { Outcome } from './outcome.ts'

function comparison(recorded: Partial<Outcome>, now: Partial<Outcome>): Comparison {
  const side = { status: 200, totalMs: 10, provider: 'p' }
  return compare(
    { cassette: 'a.json', format: 'openai-chat' },
    { recorded: { ...side, model: 'cheap', ...recorded }, now: { ...side, model: 'dear', ...now } },
    ({ model }, { outputTokens = 0 }) => (model === 'dear' ? outputTokens * 2 : undefined),
  )
}

test('figures that nobody knows are null', () => {
  const { recorded, now, text } = comparison({}, { usage: { outputTokens: 4 }, text: 'x' })
  expect(recorded).toMatchObject({ firstMs: null, inputTokens: null, outputTokens: null, costUsd: null })
  expect(now).toMatchObject({ inputTokens: null, outputTokens: 4, costUsd: 8 })
  expect(text).toBeNull()
})

test('texts are equal or alike', () => {
  expect(comparison({ text: 'a b' }, { text: 'a b' }).text).toEqual({ equal: true, similarity: 1 })
  expect(comparison({ text: 'a b' }, { text: 'a  b' }).text).toEqual({ equal: false, similarity: 1 })
})

test('the summary counts failures and takes figures that both sides have', () => {
  const summary = summarise([
    comparison(
      { totalMs: 10, usage: { inputTokens: 1 }, text: 'a' },
      { totalMs: 100, usage: { inputTokens: 2 }, text: 'a' },
    ),
    comparison({ totalMs: 30, usage: { inputTokens: 5 }, text: 'a' }, { totalMs: 300, text: 'b' }),
    comparison({ totalMs: 20 }, { status: 500, error: 'server_error', totalMs: 200 }),
  ])
  expect(summary).toMatchObject({
    ran: 3,
    failed: 1,
    totalMs: { p50: { recorded: 20, now: 200 }, p95: { recorded: 30, now: 300 } },
    firstMs: { p50: { recorded: null, now: null } },
    inputTokens: { recorded: 1, now: 2 },
    costUsd: { recorded: null, now: null },
    equalTexts: 0.5,
    similarity: 0.5,
  })
})
