import { describe, expect, test } from 'vitest'
import { costUsd } from '../core/prices.ts'
import { providers } from '../providers/index.ts'
import { contextWindowOf, PRICES_VERSION, priceLists, priceOf } from './index.ts'

const rows = priceLists.flatMap(({ provider, models, common }) =>
  Object.entries(models).map(([model, row]) => ({ provider, model, row, expected: { ...common, ...row } })),
)

describe('the table', () => {
  test('names each provider once, as the registry does', () => {
    const names = priceLists.map(({ provider }) => provider)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !providers.some((provider) => provider.name === name))).toEqual([])
  })

  test('has no price of what runs on its users own machines, or of what only passes on', () => {
    const names = priceLists.map(({ provider }) => provider)
    for (const name of ['ollama', 'vllm', 'lm-studio', 'mock', 'openai-compatible', 'openrouter'])
      expect(names).not.toContain(name)
  })

  test('tells of each provider where and when its prices were read', () => {
    for (const { source, asOf } of priceLists) {
      expect(source).toMatch(/^https:\/\/\S+$/)
      expect(new Date(asOf).toISOString().slice(0, 10)).toBe(asOf)
    }
    expect(PRICES_VERSION).toMatch(/^\d{4}\.\d{2}\.\d+$/)
  })

  test('has no model twice', () => {
    const names = rows.map(({ provider, model }) => `${provider} ${model.toLowerCase()}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(rows.length).toBeGreaterThan(200)
  })

  test('has only prices that can be: input is not free, and cached input not dearer', () => {
    const wrong = rows.filter(({ row: { longInput = [], context = 1, ...rates } }) => {
      const values = Object.values(rates)
      const isPriced = rates.input === undefined ? rates.searchUnit !== undefined : rates.input > 0
      const isCheaperCached = (rates.cacheRead ?? 0) <= (rates.input ?? 0)
      const rises = longInput.every(
        ({ above, inputTimes, outputTimes }, index) =>
          above > (longInput[index - 1]?.above ?? 0) && inputTimes >= 1 && outputTimes >= 1,
      )
      const isSound = values.every((value) => value > 0 && value < 1000) && Number.isInteger(context)
      return !isPriced || !isCheaperCached || !rises || !isSound
    })
    expect(wrong).toEqual([])
  })
})

describe('priceOf', () => {
  test('finds every row by its own name, in any case', () => {
    for (const { provider, model, expected } of rows) {
      expect(priceOf({ provider, model })).toEqual(expected)
      expect(priceOf({ provider, model: model.toUpperCase() })).toEqual(expected)
    }
  })

  test.each([
    ['openai', 'gpt-4o-2024-08-06', 'gpt-4o'],
    ['openai', 'gpt-4o-mini-2024-07-18', 'gpt-4o-mini'],
    ['openai', 'gpt-5.1-chat-latest', 'gpt-5.1-chat'],
    ['openai', 'gpt-4-0613', 'gpt-4'],
    ['openai', 'ft:gpt-4o-2024-08-06:team:name:id', 'ft:gpt-4o'],
    ['anthropic', 'claude-3-5-sonnet-20241022', 'claude-3-5-sonnet'],
    ['anthropic', 'claude-3-5-sonnet-latest', 'claude-3-5-sonnet'],
    ['anthropic', 'claude-opus-4-20250514', 'claude-opus-4'],
    ['bedrock', 'us.anthropic.claude-3-5-sonnet-20241022-v2:0', 'anthropic.claude-3-5-sonnet'],
    ['bedrock', 'anthropic.claude-3-haiku-20240307-v1:0:200k', 'anthropic.claude-3-haiku'],
    ['bedrock', 'eu.anthropic.claude-opus-4-5-20251101-v1:0', 'anthropic.claude-opus-4-5'],
    ['bedrock', 'global.anthropic.claude-opus-4-5-20251101-v1:0', 'global.anthropic.claude-opus-4-5'],
    ['bedrock', 'arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0', 'amazon.nova-pro'],
    ['bedrock', 'amazon.titan-embed-text-v2:0', 'amazon.titan-embed-text-v2'],
    ['gemini', 'models/gemini-2.5-flash', 'gemini-2.5-flash'],
    ['gemini', 'gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro'],
    ['gemini', 'gemini-2.5-flash-preview-09-2025', 'gemini-2.5-flash'],
    ['vertex-ai', 'claude-sonnet-4@20250514', 'claude-sonnet-4'],
    ['vertex-ai', 'projects/p/locations/l/publishers/google/models/gemini-2.0-flash-001', 'gemini-2.0-flash'],
    ['cohere', 'command-r-plus-08-2024', 'command-r-plus'],
    ['xai', 'grok-4-0709', 'grok-4'],
    ['ai21labs', 'jamba-mini-2-2026-01', 'jamba-mini-2'],
  ])('%s: %s costs what %s does', (provider, model, family) => {
    const expected = rows.find((row) => row.provider === provider && row.model === family)?.expected
    expect(expected).toBeDefined()
    expect(priceOf({ provider, model })).toEqual(expected)
  })

  test.each([
    ['openai', 'gpt-4o-mini', 'gpt-4o'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o'],
    ['openai', 'gpt-3.5-turbo-0613', 'gpt-3.5-turbo'],
    ['openai', 'gpt-5.1-codex-mini', 'gpt-5.1-codex'],
    ['anthropic', 'claude-opus-4-5', 'claude-opus-4'],
    ['gemini', 'gemini-2.5-flash-lite', 'gemini-2.5-flash'],
    ['bedrock', 'global.anthropic.claude-opus-5', 'us.anthropic.claude-opus-5'],
    ['mistral', 'mistral-large-2411', 'mistral-large-2512'],
  ])('%s: %s does not cost what %s does', (provider, model, other) => {
    expect(priceOf({ provider, model })).toBeDefined()
    expect(priceOf({ provider, model })).not.toEqual(priceOf({ provider, model: other }))
  })

  test.each([
    ['ollama', 'llama3.3'],
    ['vllm', 'gpt-4o'],
    ['mock', 'mock-chat'],
    ['openai', 'my-deployment'],
    ['openai', 'gpt-4o-audio-preview'],
    ['anthropic', 'claude-opus-4-9'],
    ['openai', 'gpt-4o-mini-tts'],
    ['gemini', 'gemini-2.5-flash-preview-tts'],
    ['fireworks', 'accounts/me/models/gpt-oss-120b'],
    ['openai', ''],
    ['openai', '-2024-08-06'],
    ['openai', 'constructor'],
    ['openai', null],
  ])('does not know what %s: %s costs', (provider, model) => {
    expect(priceOf({ provider, model })).toBeUndefined()
  })

  test('prefers what the configuration says', () => {
    expect(priceOf({ provider: 'openai', model: 'gpt-4o' }, { input: 1, output: 2 })).toEqual({
      input: 1,
      output: 2,
    })
    expect(priceOf({ provider: 'ollama', model: 'llama3.3' }, { input: 0, output: 0 })).toEqual({
      input: 0,
      output: 0,
    })
  })

  test('leads to a cost', () => {
    const usage = { inputTokens: 1_000_000, cacheReadTokens: 600_000, outputTokens: 100_000 }
    const gpt = priceOf({ provider: 'openai', model: 'gpt-4o-2024-11-20' }) ?? {}
    expect(costUsd(usage, gpt)).toBeCloseTo(0.4 * 2.5 + 0.6 * 1.25 + 0.1 * 10, 12)
    // A tenth more in a region, and twice as much for a long prompt.
    const claude =
      priceOf({ provider: 'bedrock', model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0' }) ?? {}
    expect(costUsd(usage, claude)).toBeCloseTo(1.1 * (0.4 * 6 + 0.6 * 0.6 + 0.1 * 22.5), 12)
  })
})

describe('contextWindowOf', () => {
  test('knows models with a date, and says nothing of others', () => {
    expect(contextWindowOf({ provider: 'openai', model: 'gpt-4o-2024-08-06' })).toBe(128_000)
    expect(contextWindowOf({ provider: 'ollama', model: 'llama3.3' })).toBeUndefined()
    expect(contextWindowOf({ provider: 'openai', model: null })).toBeUndefined()
  })
})
