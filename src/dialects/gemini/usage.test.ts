import { expect, test } from 'vitest'
import { classifyUsage } from '../../core/usage.ts'
import { readUsage, writeUsage } from './usage.ts'

test('thoughts belong to the answer, and results of hosted tools to the prompt', () => {
  const counts = {
    promptTokenCount: 30,
    toolUsePromptTokenCount: 200,
    candidatesTokenCount: 40,
    thoughtsTokenCount: 5,
    totalTokenCount: 275,
  }
  expect(readUsage(counts)).toEqual({
    inputTokens: 230,
    outputTokens: 45,
    reasoningTokens: 5,
    totalTokens: 275,
  })
})

test('a count of 0 is left out of the JSON, and told by the total', () => {
  expect(readUsage({ promptTokenCount: 14, totalTokenCount: 14 })).toMatchObject({ outputTokens: 0 })
})

test('sound and pictures that were cached are not counted twice', () => {
  const usage = readUsage({
    promptTokenCount: 1000,
    cachedContentTokenCount: 300,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 600 },
      { modality: 'IMAGE', tokenCount: 400 },
    ],
    cacheTokensDetails: [{ modality: 'IMAGE', tokenCount: 300 }],
  })
  expect(classifyUsage(usage ?? {})).toMatchObject({ input: 600, cacheRead: 300, inputImage: 100 })
})

test('counts that are no counts are none', () => {
  expect(readUsage({ promptTokenCount: -1, candidatesTokenCount: '7', totalTokenCount: 1.5 })).toBeUndefined()
})

test('what is written is read back', () => {
  const usage = {
    inputTokens: 100,
    outputTokens: 50,
    totalTokens: 150,
    cacheReadTokens: 20,
    reasoningTokens: 30,
    inputAudioTokens: 7,
    outputImageTokens: 9,
  }
  expect(readUsage(writeUsage(usage))).toEqual(usage)
})
