import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { isDeclared, REFUSED } from './request-exceptions.ts'
import { oneSpelling } from './spelling.ts'
import { differencesOf } from './request-differences.ts'
import { haveCorpus, NO_CORPUS, readCorpus } from './recordings.ts'

/** Whose client and provider read and write a recorded API's requests. */
const DIALECTS: Readonly<Record<string, string>> = {
  openai_chat: 'openai',
  openai_responses: 'openai-responses',
  anthropic_messages: 'anthropic',
  gemini_generate: 'gemini',
  gemini_stream: 'gemini',
  cohere_v2_chat: 'cohere',
}

const recorded = readCorpus().flatMap((recording) => {
  const dialect = SCENARIOS.find(({ name }) => name === DIALECTS[recording.endpoint])
  const { body } = recording.request
  if (!dialect?.client || !dialect.provider || !body || REFUSED[recording.id] !== undefined) return []
  return [[recording.id, { recording, body, dialect }] as const]
})

test('the recordings are there', ({ skip }) => {
  skip(!haveCorpus, NO_CORPUS)
  expect(recorded.length).toBeGreaterThan(0)
})

describe.for(recorded)('%s', ([, { recording, body, dialect }]) => {
  test(`is the same after ${dialect.name} has read and written it`, () => {
    const { client, provider } = dialect
    const request = client?.chat(body, recording.isStream).chat()
    const written = request && provider?.chat.write(request, { model: recording.model })
    const again: JsonObject = JSON.parse(written?.body ?? 'null')
    const [before, after] = [oneSpelling(dialect.name, body), oneSpelling(dialect.name, again)]
    expect(differencesOf(before, after).filter((line) => !isDeclared(dialect.name, line))).toEqual([])
  })
})
