import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anthropicClient } from './clients/anthropic.ts'
import type { Client } from './clients/client.ts'
import { cohereClient } from './clients/cohere.ts'
import { geminiClient } from './clients/gemini.ts'
import { openAiChatClient, openAiResponsesClient } from './clients/openai.ts'
import { vercelClients } from './clients/vercel.ts'
import type { Said } from './expected/reply.ts'
import { refusalOf } from './expected/refusal.ts'
import { chatApiOf, type ChatApi } from './formats.ts'
import { reasonNotToReplay } from './not-handled.ts'
import { askRaw } from './raw.ts'
import { haveCorpus, NO_CORPUS, readCorpus, type Recording } from './recordings.ts'
import { Replay, routeOf } from './replay.ts'

const CLIENTS: readonly Client[] = [
  openAiChatClient,
  openAiResponsesClient,
  anthropicClient,
  geminiClient,
  cohereClient,
  ...vercelClients,
]

interface Chat {
  id: string
  recording: Recording
  api: ChatApi
}

const chats: Chat[] = readCorpus().flatMap((recording) => {
  const api = reasonNotToReplay(recording) === undefined ? chatApiOf(recording) : undefined
  return api && !api.name.startsWith('bedrock') ? [{ id: recording.id, recording, api }] : []
})
const answered = chats.filter(({ recording }) => recording.status < 400)
const refused = chats.filter(({ recording }) => recording.status >= 400)

let replay: Replay

beforeAll(async () => {
  if (haveCorpus)
    replay = await Replay.start(chats.map(({ recording, api }) => ({ recording, format: api.format })))
})

afterAll(() => replay?.stop())

test.skipIf(haveCorpus)(NO_CORPUS, () => undefined)

describe.concurrent.for(answered)('$id', ({ recording, api }) => {
  const expected = api.read(recording)

  test.for(CLIENTS)('$name', async (client) => {
    const answer = client.ask({ url: replay.url, route: routeOf(recording), stream: recording.isStream })
    if (expected.error !== undefined) {
      const failure = client.failureOf(
        await answer.then(
          () => undefined,
          (error: unknown) => error,
        ),
      )
      expect(failure?.message).toContain(expected.error)
      return
    }
    expect(shown(await answer, client)).toEqual(shown(expected, client))
  })

  test.runIf(CLIENTS.some(({ speaks }) => speaks === api.name))('passes through byte for byte', async () => {
    const answer = await askRaw(api.name, {
      url: replay.url,
      route: routeOf(recording),
      stream: recording.isStream,
    })
    expect(answer.equals(recording.bytes)).toBe(true)
  })
})

describe.concurrent.for(refused)('$id', ({ recording }) => {
  const expected = refusalOf(recording)

  test.for(CLIENTS)('$name', async (client) => {
    const answer = client.ask({ url: replay.url, route: routeOf(recording), stream: recording.isStream })
    const error: unknown = await answer.then(
      () => undefined,
      (error: unknown) => error,
    )
    const failure = client.failureOf(error)
    if (failure === undefined) throw new Error('it raised no exception of its own', { cause: error })
    expect(failure.status).toBe(expected.status)
    expect(failure.message).toContain(expected.message)
  })
})

/** What a client can show of an answer. */
function shown(said: Said, { lacks }: Client): Said {
  const usage = { ...said.usage }
  const kept = { ...said, usage }
  for (const field of lacks) {
    if (field in usage) Object.assign(usage, { [field]: 0 })
    else Object.assign(kept, { [field]: '' })
  }
  return kept
}
