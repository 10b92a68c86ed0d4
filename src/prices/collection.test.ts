import { describe, expect, test } from 'vitest'
import { costUsd } from '../core/prices.ts'
import { collectedRow } from './collection.ts'
import { contextWindowOf, priceOf } from './index.ts'

describe('a model that the table does not have', () => {
  test.each([
    ['openrouter', 'anthropic/claude-sonnet-4', { input: 3, output: 15 }],
    ['openrouter', 'openai/gpt-4o-mini', { input: 0.15, output: 0.6 }],
    ['openai', 'gpt-4o-search-preview', { input: 2.5, output: 10 }],
    ['mistral', 'open-mixtral-8x22b', { input: 2, output: 6 }],
  ])('%s: %s is in the collection', (provider, model, price) => {
    expect(priceOf({ provider, model })).toMatchObject(price)
  })

  test.each([
    // Billed by the hour, by the page, or with sound that has no price of its own.
    ['openai', 'whisper-1'],
    ['openai', 'gpt-4o-audio-preview'],
    ['mistral', 'mistral-ocr-latest'],
    // Nobody knows these.
    ['openai', 'my-deployment'],
    ['anthropic', 'claude-opus-4-9'],
    ['openai', ''],
    ['constructor', 'gpt-4o'],
    // Machines of one's own.
    ['ollama', 'llama3.3'],
    ['vllm', 'gpt-4o'],
    ['mock', 'gpt-4o'],
  ])('%s: %s has no price there', (provider, model) => {
    expect(collectedRow(provider, model)).toBeUndefined()
  })
})

test('prices that change within a day are none', () => {
  expect(collectedRow('deepseek', 'deepseek-chat')).toBeUndefined()
})

test('long prompts cost more on each side, as there', () => {
  const price = collectedRow('gemini', 'gemini-2.5-pro') ?? {}
  const short = costUsd({ inputTokens: 100_000, outputTokens: 1000, cacheReadTokens: 50_000 }, price)
  expect(short).toBeCloseTo((50_000 * 1.25 + 50_000 * 0.125 + 1000 * 10) / 1e6, 9)
  const long = costUsd({ inputTokens: 300_000, outputTokens: 1000, cacheReadTokens: 100_000 }, price)
  expect(long).toBeCloseTo((200_000 * 2.5 + 100_000 * 0.25 + 1000 * 15) / 1e6, 9)
})

test('searches and fees are for each one', () => {
  expect(collectedRow('perplexity', 'sonar')).toMatchObject({ input: 1, output: 1, request: 0.012 })
})

test('context windows are known, too', () => {
  expect(contextWindowOf({ provider: 'openrouter', model: 'openai/gpt-4o-mini' })).toBe(128_000)
})
