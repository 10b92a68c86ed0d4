import { describe, expect, test } from 'vitest'
import { EMPTY_SETTINGS, readSettings, toRequest } from './playground-settings.ts'

const HELLO = { ...EMPTY_SETTINGS, prompt: 'Hello' }

describe('the fields of the playground', () => {
  test('make a request for each route', () => {
    const settings = {
      ...HELLO,
      system: 'Be brief.',
      temperature: '0.5',
      maxTokens: '10',
      extra: '{"seed": 1}',
    }
    const { bodies } = toRequest({
      settings,
      history: [{ role: 'user', content: 'Before' }],
      routes: ['a', 'b'],
    })
    expect(bodies).toHaveLength(2)
    expect(bodies[1]).toEqual({
      model: 'b',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Before' },
        { role: 'user', content: 'Hello' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      max_tokens: 10,
      seed: 1,
    })
  })

  test.each([
    [{ ...EMPTY_SETTINGS, prompt: ' ' }, 'Write a message first.'],
    [{ ...HELLO, temperature: 'hot' }, 'Temperature: must be a number.'],
    [{ ...HELLO, tools: '{}' }, 'Tools: must be a list in JSON.'],
    [{ ...HELLO, extra: '[]' }, 'Other fields: must be an object in JSON.'],
    [{ ...HELLO, tools: '[' }, /^Tools: is no JSON/],
  ])('say what is wrong with them: %#', (settings, message) => {
    expect(() => toRequest({ settings, history: [], routes: ['a'] })).toThrow(message)
  })

  test.each(['', 'no JSON', '[]', '{"messages": 1}', '{"messages": [1, null, {"role": "user"}]}'])(
    'are empty after a request that says nothing: %s',
    (body) => {
      expect(readSettings(body)).toEqual(EMPTY_SETTINGS)
    },
  )

  test('are filled from a request of before', () => {
    const { bodies } = toRequest({
      settings: { ...HELLO, system: 'Be brief.', maxTokens: '9' },
      history: [],
      routes: ['a'],
    })
    expect(readSettings(JSON.stringify(bodies[0]))).toEqual({ ...HELLO, system: 'Be brief.', maxTokens: '9' })
  })
})
