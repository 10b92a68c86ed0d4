import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { costUsd, estimateUsd, priceOptions, readPrice, type Price } from './prices.ts'
import { classifyUsage, type Usage } from './usage.ts'

const chat: Price = { input: 2, output: 10 }

const full: Price = {
  input: 2,
  output: 10,
  cacheRead: 0.5,
  cacheWrite5m: 2.5,
  cacheWrite1h: 4,
  reasoning: 12,
  inputAudio: 30,
  inputImage: 3,
  outputAudio: 60,
  outputImage: 40,
  searchUnit: 0.002,
  webSearch: 0.01,
  request: 0.005,
}

const M = 1_000_000

describe('costUsd', () => {
  test.each<[string, Usage, Price, number]>([
    ['input and output', { inputTokens: M, outputTokens: M }, chat, 12],
    ['cached input once', { inputTokens: M, cacheReadTokens: M, outputTokens: 0 }, full, 0.505],
    ['cached input like other input', { inputTokens: M, cacheReadTokens: M, outputTokens: 0 }, chat, 2],
    ['what was cached for long', { inputTokens: M, cacheWrite1hTokens: M, outputTokens: 0 }, full, 4.005],
    [
      'what was cached for long like what was for short',
      { inputTokens: M, cacheWrite1hTokens: M, outputTokens: 0 },
      { ...chat, cacheWrite5m: 2.5 },
      2.5,
    ],
    ['thinking like other output', { inputTokens: 0, outputTokens: M, reasoningTokens: M }, chat, 10],
    ['thinking by its own price', { inputTokens: 0, outputTokens: M, reasoningTokens: M }, full, 12.005],
    ['sound apart', { inputTokens: 2 * M, inputAudioTokens: M, outputTokens: 0 }, full, 32.005],
    ['input alone where there is no output', { inputTokens: M }, { input: 0.02 }, 0.02],
    ['searches apart', { inputTokens: 0, outputTokens: 0, webSearches: 3 }, full, 0.035],
    ['reranking by units', { searchUnits: 2, inputTokens: 900 }, { searchUnit: 0.002 }, 0.004],
    ['what is free as free', { inputTokens: M, outputTokens: M }, { input: 0, output: 0 }, 0],
  ])('bills %s', (_, usage, price, expected) => {
    expect(costUsd(usage, price)).toBeCloseTo(expected, 12)
  })

  test.each<[string, Usage, Price]>([
    ['nothing was counted', {}, chat],
    ['the answer was not counted', { inputTokens: 5 }, chat],
    ['the prompt was not counted', { outputTokens: 5 }, chat],
    ['there is no price', { inputTokens: 5, outputTokens: 5 }, {}],
    ['output has no price', { inputTokens: 5, outputTokens: 5 }, { input: 2 }],
    ['input has no price', { inputTokens: 5, outputTokens: 5 }, { output: 2 }],
    ['web searches have no price', { inputTokens: 5, outputTokens: 5, webSearches: 1 }, chat],
    ['reranking has no price', { inputTokens: 5, outputTokens: 5, searchUnits: 1 }, chat],
    ['only searches have a price', { inputTokens: 5, outputTokens: 5 }, { webSearch: 0.01 }],
  ])('is unknown when %s', (_, usage, price) => {
    expect(costUsd(usage, price)).toBeUndefined()
  })

  test('bills all tokens of a long prompt at the dearer price, from the first one above the limit on', () => {
    const longInput = [
      { above: 100, inputTimes: 2, outputTimes: 1.5 },
      { above: 200, inputTimes: 3, outputTimes: 3 },
    ]
    const cost = (inputTokens: number): number | undefined =>
      costUsd({ inputTokens, cacheReadTokens: 50, outputTokens: 10 }, { ...chat, cacheRead: 1, longInput })
    expect(cost(100)).toBeCloseTo((50 * 2 + 50 * 1 + 10 * 10) / M, 15)
    expect(cost(101)).toBeCloseTo((51 * 4 + 50 * 2 + 10 * 15) / M, 15)
    expect(cost(201)).toBeCloseTo((151 * 6 + 50 * 3 + 10 * 30) / M, 15)
  })

  test('is never negative, whatever a provider counts', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (usage, price) => {
        const cost = costUsd(usage, price)
        expect(cost === undefined || (cost >= 0 && Number.isFinite(cost))).toBe(true)
      }),
    )
  })

  test('is the sum of its parts', () => {
    fc.assert(
      fc.property(fullUsage, (usage) => {
        const classes = Object.entries(classifyUsage(usage))
        const rates: Readonly<Record<string, unknown>> = { ...full }
        const parts = classes.map(([name, count]) => (count * Number(rates[name])) / M)
        const units = usage.searchUnits * 0.002 + usage.webSearches * 0.01 + 0.005
        expect(costUsd(usage, full)).toBeCloseTo(
          parts.reduce((sum, part) => sum + part, units),
          9,
        )
      }),
    )
  })

  test('grows with the tokens and with the price', () => {
    fc.assert(
      fc.property(anyCount, anyCount, anyRate, anyRate, (tokens, more, rate, dearer) => {
        const price = {
          input: rate,
          output: rate,
          longInput: [{ above: 500, inputTimes: 2, outputTimes: 1.5 }],
        }
        const cost = costUsd({ inputTokens: tokens, outputTokens: tokens }, price) ?? Number.NaN
        expect(costUsd({ inputTokens: tokens + more, outputTokens: tokens }, price)).toBeGreaterThanOrEqual(
          cost,
        )
        expect(costUsd({ inputTokens: tokens, outputTokens: tokens + more }, price)).toBeGreaterThanOrEqual(
          cost,
        )
        const raised = { ...price, input: rate + dearer, output: rate + dearer }
        expect(costUsd({ inputTokens: tokens, outputTokens: tokens }, raised)).toBeGreaterThanOrEqual(cost)
      }),
    )
  })
})

describe('estimateUsd', () => {
  test('takes a request without anything cached', () => {
    expect(estimateUsd(full, { inputTokens: M, outputTokens: M })).toBeCloseTo(12.007, 12)
    expect(estimateUsd(chat, { inputTokens: M, outputTokens: 0 })).toBeCloseTo(2, 12)
  })

  test('takes one unit of a reranker', () => {
    expect(estimateUsd({ searchUnit: 0.002 }, { inputTokens: 50, outputTokens: 0 })).toBe(0.002)
  })

  test('is unknown where the price is', () => {
    expect(estimateUsd({}, { inputTokens: 50, outputTokens: 1 })).toBeUndefined()
  })
})

describe('readPrice', () => {
  test('reads every key of the options', () => {
    const keys = Object.keys(priceOptions.properties)
    const price = readPrice(Object.fromEntries(keys.map((key, index) => [key, index])))
    expect(Object.values(price)).toEqual(keys.map((_, index) => index))
    expect(Object.keys(price).toSorted()).toEqual(Object.keys(full).toSorted())
  })

  test('leaves out what is not told', () => {
    expect(readPrice({ input: 2.5, output: 10, cache_read: undefined, name: 'x' })).toEqual({
      input: 2.5,
      output: 10,
    })
  })

  test('asks for no key, and for no price below 0', () => {
    expect(priceOptions.required).toEqual([])
    for (const schema of Object.values(priceOptions.properties)) expect(schema).toMatchObject({ minimum: 0 })
  })
})

const anyCount = fc.nat({ max: 2_000_000 })
const anyRate = fc.double({ min: 0, max: 1000, noNaN: true })

function allOf<Key extends string>(
  keys: readonly Key[],
  value: fc.Arbitrary<number>,
): Record<Key, fc.Arbitrary<number>>
function allOf(keys: readonly string[], value: fc.Arbitrary<number>): Record<string, fc.Arbitrary<number>> {
  return Object.fromEntries(keys.map((key) => [key, value]))
}

const counts = allOf(
  [
    'inputTokens',
    'outputTokens',
    'cacheReadTokens',
    'cacheWriteTokens',
    'cacheWrite1hTokens',
    'inputAudioTokens',
    'inputImageTokens',
    'reasoningTokens',
    'outputAudioTokens',
    'outputImageTokens',
    'webSearches',
    'searchUnits',
  ],
  anyCount,
)
const anyUsage: fc.Arbitrary<Usage> = fc.record(counts, { requiredKeys: [] })
const fullUsage = fc.record(counts)
const anyPrice: fc.Arbitrary<Price> = fc.record(
  allOf(['input', 'output', 'cacheRead', 'cacheWrite5m', 'searchUnit', 'webSearch', 'request'], anyRate),
  { requiredKeys: [] },
)
