import { expect, test } from 'vitest'
import { servedModel } from './served-model.ts'

const LONG = 'x'.repeat(2_000)

test.each([
  ['at the beginning', `{"id":"1","model": "gpt-4o-2024-08-06","choices":"${LONG}"}`, 'gpt-4o-2024-08-06'],
  ['at the end', `{"candidates":"${LONG}","modelVersion":"gemini-2.5-flash"}`, 'gemini-2.5-flash'],
  ['nowhere', `{"choices":"${LONG}"}`, undefined],
  ['in a text only', JSON.stringify({ choices: ['{"model":"other"}'] }), undefined],
  ['in the middle of a long answer', `{"a":"${LONG}","model":"m","b":"${LONG}"}`, undefined],
  ['with a name that is too long', `{"model":"${LONG}"}`, undefined],
])('a model that is named %s', (_where, answer, model) => {
  expect(servedModel(Buffer.from(answer))).toBe(model)
})
