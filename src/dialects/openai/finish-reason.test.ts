import { expect, test } from 'vitest'
import { collectReply, type CollectedCandidate } from '../../core/collect.ts'
import { OpenAiReplyReader } from './read-reply.ts'

function stream(
  ...choices: { delta: object; finish_reason: string | null }[]
): CollectedCandidate | undefined {
  const reader = new OpenAiReplyReader()
  const frames = choices.map((choice) => JSON.stringify({ choices: [{ index: 0, ...choice }] }))
  const events = [...frames, '[DONE]'].flatMap((data) => reader.frame({ data }))
  return collectReply(events).candidates[0]
}

function call(index: number, name: string): object {
  return {
    tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '{}' } }],
  }
}

test('a finish reason after each of several calls ends none of the others', () => {
  const candidate = stream(
    { delta: call(0, 'one'), finish_reason: 'tool_calls' },
    { delta: call(1, 'two'), finish_reason: 'tool_calls' },
  )
  expect(candidate?.parts).toMatchObject([{ name: 'one' }, { name: 'two' }])
  expect(candidate?.end).toEqual({ reason: 'tool_calls' })
})

test('calls without a finish reason are what is waited for', () => {
  expect(stream({ delta: call(0, 'one'), finish_reason: '' })?.end).toEqual({ reason: 'tool_calls' })
})

test('a text without a finish reason ends without one', () => {
  expect(stream({ delta: { content: 'Hi.' }, finish_reason: null })?.end).toBeUndefined()
})
