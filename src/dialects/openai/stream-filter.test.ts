import { expect, test } from 'vitest'
import { createStreamFilter } from './stream-filter.ts'

const TEXT = 'data: {"choices":[{"index":0,"delta":{"content":"\\"usage\\": {"}}]}\n\n'
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'
const DONE = 'data: [DONE]\n\n'

function filtered(stream: string, options: { showsUsage: boolean; showsDone: boolean }): string {
  return createStreamFilter(options).events(Buffer.from(stream)).toString()
}

test.each([
  [true, true, TEXT + USAGE + DONE],
  [false, true, TEXT + DONE],
  [true, false, TEXT + USAGE],
  [false, false, TEXT],
])('shows the usage (%s) and [DONE] (%s) to who expects them', (showsUsage, showsDone, expected) => {
  expect(filtered(TEXT + USAGE + DONE, { showsUsage, showsDone })).toBe(expected)
})

test('keeps a chunk that has usage beside a choice', () => {
  const last = 'data: {"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":1}}\n\n'
  expect(filtered(last, { showsUsage: false, showsDone: true })).toBe(last)
})

test('finds a [DONE] without a blank, whatever ends its lines', () => {
  expect(filtered('data:[DONE]\r\n\r\n', { showsUsage: true, showsDone: false })).toBe('')
})
