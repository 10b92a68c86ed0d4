import { expect, test } from 'vitest'
import { isReasoningModel } from './reasoning-models.ts'

test.each(['o1', 'o1-mini', 'o3', 'o4-mini-2025-04-16', 'gpt-5', 'gpt-5-nano', 'gpt-5.1', 'gpt-6-mini'])(
  '%s reasons',
  (model) => {
    expect(isReasoningModel(model)).toBe(true)
  },
)

test.each([
  'gpt-4o',
  'gpt-4.1',
  'gpt-3.5-turbo',
  'gpt-5-chat-latest',
  'chatgpt-4o-latest',
  'o',
  'omni',
  'o10x',
  'my-o1',
  'llama-3',
  '',
  null,
])('%s does not', (model) => {
  expect(isReasoningModel(model)).toBe(false)
})
