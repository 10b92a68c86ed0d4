import { expect, test } from 'vitest'
import { readEnd, writeStopReason } from './stop-reasons.ts'

const TEXT_ONLY = { isRefused: false, endsWithCall: false }

test.each([
  ['end_turn', 'stop', false],
  ['stop_sequence', 'stop', true],
  ['max_tokens', 'length', false],
  ['model_context_window_exceeded', 'length', true],
  ['tool_use', 'tool_calls', false],
  ['refusal', 'content_filter', false],
  ['pause_turn', 'pause_turn', true],
  ['reason_of_tomorrow', 'reason_of_tomorrow', true],
])('the stop reason %s is %s, and is the same again', (given, reason, saysMore) => {
  const end = readEnd({ stop_reason: given })
  expect(end).toEqual({ reason, ...(saysMore ? { native: { dialect: 'anthropic', reason: given } } : {}) })
  expect(writeStopReason(end, TEXT_ONLY)).toBe(given)
})

test('an end without a reason is a stop', () => {
  expect(readEnd({ stop_reason: null, stop_sequence: null })).toEqual({ reason: 'stop' })
})

test('the stop sequence is told', () => {
  expect(readEnd({ stop_reason: 'stop_sequence', stop_sequence: 'END' })).toMatchObject({
    reason: 'stop',
    stopSequence: 'END',
  })
})

test.each([
  [{ reason: 'stop' }, { endsWithCall: true }, 'tool_use'],
  [{ reason: 'stop' }, { isRefused: true }, 'refusal'],
  [{ reason: 'stop', stopSequence: 'END' }, {}, 'stop_sequence'],
  [{ reason: 'stop', native: { dialect: 'gemini', reason: 'STOP' } }, {}, 'end_turn'],
  [{ reason: 'a word of tomorrow' }, {}, 'end_turn'],
])('%j of an answer that is %j is %s', (end, parts, reason) => {
  expect(writeStopReason(end, { ...TEXT_ONLY, ...parts })).toBe(reason)
})
