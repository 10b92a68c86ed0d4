import { describe, expect, test } from 'vitest'
import { readUsage, writeUsage } from './usage.ts'

describe("OpenAI's usage", () => {
  test('is read with its details', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 8,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 4, audio_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 5, audio_tokens: 2 },
    }
    expect(readUsage(usage)).toEqual({
      inputTokens: 10,
      outputTokens: 8,
      totalTokens: 18,
      cacheReadTokens: 4,
      inputAudioTokens: 1,
      reasoningTokens: 5,
      outputAudioTokens: 2,
    })
  })

  test('of a server that counts thinking beside the answer is brought to the whole', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 3,
      total_tokens: 18,
      completion_tokens_details: { reasoning_tokens: 5 },
    }
    expect(readUsage(usage)).toMatchObject({ outputTokens: 8, reasoningTokens: 5, totalTokens: 18 })
  })

  test('says the cache counts that servers have elsewhere', () => {
    expect(readUsage({ prompt_tokens: 9, prompt_cache_hit_tokens: 4 })).toMatchObject({ cacheReadTokens: 4 })
    expect(readUsage({ cache_read_input_tokens: 2, cache_creation_input_tokens: 3 })).toEqual({
      cacheReadTokens: 2,
      cacheWriteTokens: 3,
    })
  })

  test.each([[-5], ['7'], [null], [Number.NaN], [{}]])('leaves out a count of %j', (count) => {
    expect(readUsage({ prompt_tokens: count, completion_tokens: 1 })).toEqual({ outputTokens: 1 })
  })

  test('is written back as it was read', () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 8,
      totalTokens: 18,
      cacheReadTokens: 4,
      reasoningTokens: 5,
    }
    expect(readUsage(writeUsage(usage))).toEqual(usage)
  })
})
