import { describe, expect, test } from 'vitest'
import { mergeUsage, totalTokens, type Usage } from './usage.ts'

describe('mergeUsage', () => {
  test.each<[Usage | undefined, Usage | undefined, Usage | undefined]>([
    [undefined, undefined, undefined],
    [{ inputTokens: 1 }, undefined, { inputTokens: 1 }],
    [undefined, { inputTokens: 1 }, { inputTokens: 1 }],
    [{ inputTokens: 1, outputTokens: 2 }, { outputTokens: 5 }, { inputTokens: 1, outputTokens: 5 }],
    [{ inputTokens: 9 }, { inputTokens: 0 }, { inputTokens: 0 }],
  ])('%j with %j on top is %j', (earlier, later, expected) => {
    expect(mergeUsage(earlier, later)).toEqual(expected)
  })
})

describe('totalTokens', () => {
  test.each<[Usage, number | undefined]>([
    [{ totalTokens: 9, inputTokens: 1, outputTokens: 2 }, 9],
    [{ totalTokens: 0 }, 0],
    [{ inputTokens: 1, outputTokens: 2 }, 3],
    [{ inputTokens: 0, outputTokens: 0 }, 0],
    [{ inputTokens: 1 }, undefined],
    [{ outputTokens: 1 }, undefined],
    [{}, undefined],
  ])('of %j is %s', (usage, expected) => {
    expect(totalTokens(usage)).toBe(expected)
  })
})
