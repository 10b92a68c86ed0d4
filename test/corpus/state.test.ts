import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isObject, type JsonObject } from '../../src/core/json.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { chatApiOf } from './formats.ts'
import { reasonNotToReplay } from './not-handled.ts'
import { askRaw } from './raw.ts'
import { haveCorpus, NO_CORPUS, readCorpus, type Recording } from './recordings.ts'
import { Replay, routeOf } from './replay.ts'

/** Clients that put an answer into their history and ask on, by the format that they speak. */
const CLIENTS: Readonly<Record<string, string>> = {
  openai: 'openai-chat',
  'openai-responses': 'openai-responses',
  anthropic: 'anthropic-messages',
  gemini: 'gemini-generate',
  cohere: 'cohere-chat',
}

/** Where state stands in answers. */
const STATES: ReadonlySet<string> = new Set([
  'signature',
  'thoughtSignature',
  'thought_signature',
  'encrypted_content',
  'redactedContent',
])

const signed = readCorpus().flatMap((recording) => {
  const api = chatApiOf(recording)
  if (!api || api.isOwnOnly || reasonNotToReplay(recording) !== undefined) return []
  if (statesIn(recording).length === 0) return []
  return [[recording.id, { recording, api }] as const]
})

let replay: Replay

beforeAll(async () => {
  if (haveCorpus) {
    replay = await Replay.start(signed.map(([, { recording, api }]) => ({ recording, format: api.format })))
  }
})

afterAll(() => replay?.stop())

test('the recordings are there', ({ skip }) => {
  skip(!haveCorpus, NO_CORPUS)
  expect(signed.length).toBeGreaterThan(0)
})

describe.for(signed)("the model's state in %s comes back", ([, { recording }]) => {
  test.for(clientsOf(recording))('through a client of %s', async ([name, format]) => {
    const client = SCENARIOS.find((scenarios) => scenarios.name === name)?.client
    const question = { url: replay.url, route: routeOf(recording), stream: false }
    const answer: JsonObject = JSON.parse((await askRaw(format, question)).toString('utf8'))
    await askRaw(format, question, client?.nextTurn?.(answer))
    const asked = replay.askedOf(recording)
    expect(statesIn(recording).filter((state) => !asked.includes(state))).toEqual([])
  })
})

/** With the formats that they speak. Gemini behind OpenAI's API is reached by OpenAI's; others reach it through its own. */
function clientsOf({ id }: Recording): [string, string][] {
  return Object.entries(CLIENTS).filter(([name]) => name === 'openai' || !id.startsWith('gemini/chat-'))
}

/** Every signature, redacted thinking and encrypted item of an answer. */
function statesIn({ bytes, status, isStream }: Recording): string[] {
  return isStream || status >= 400 ? [] : findStates(JSON.parse(bytes.toString('utf8')))
}

function findStates(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(findStates)
  if (!isObject(value)) return []
  // What a hosted search found is for its own dialect only, as all that hosted tools say.
  if (value['type'] === 'web_search_tool_result') return []
  const isRedacted = value['type'] === 'redacted_thinking' || value['type'] === 'reasoning.encrypted'
  return Object.entries(value).flatMap(([name, member]) => {
    const isState = STATES.has(name) || (isRedacted && name === 'data')
    return isState && typeof member === 'string' && member !== '' ? [member] : findStates(member)
  })
}
