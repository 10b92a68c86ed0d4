import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anthropicClient } from './clients/anthropic.ts'
import type { Client } from './clients/client.ts'
import { cohereClient } from './clients/cohere.ts'
import { geminiClient } from './clients/gemini.ts'
import { openAiChatClient, openAiCompletionsClient, openAiResponsesClient } from './clients/openai.ts'
import { vercelClients } from './clients/vercel.ts'
import { ignoredFor, isUnreadable } from './exceptions.ts'
import { expectSame } from './expect-same.ts'
import { refusalOf } from './expected/refusal.ts'
import { chatApiOf, type ChatApi } from './formats.ts'
import { reasonNotToReplay } from './not-handled.ts'
import { askRaw } from './raw.ts'
import { haveCorpus, NO_CORPUS, readCorpus, type Recording } from './recordings.ts'
import { Replay, routeOf, type Replayed } from './replay.ts'

const CLIENTS: readonly Client[] = [
  openAiChatClient,
  openAiCompletionsClient,
  openAiResponsesClient,
  anthropicClient,
  geminiClient,
  cohereClient,
  ...vercelClients,
]

interface Chat {
  recording: Recording
  api: ChatApi
}

const chats: Chat[] = readCorpus().flatMap((recording) => {
  const api = reasonNotToReplay(recording) === undefined ? chatApiOf(recording) : undefined
  return api ? [{ recording, api }] : []
})
const answered = chats.filter(({ recording }) => recording.status < 400)
const refused = chats.filter(({ recording }) => recording.status >= 400)

let replay: Replay

beforeAll(async () => {
  if (!haveCorpus) return
  replay = await Replay.start(
    chats.map(({ recording, api: { format, type } }): Replayed => ({
      recording,
      format,
      ...(type && { type }),
    })),
  )
})

afterAll(() => replay?.stop())

test('the recordings are there', ({ skip }) => {
  skip(!haveCorpus, NO_CORPUS)
  expect(chats.length).toBeGreaterThan(0)
})

describe.for(named(answered))('%s', ([, { recording, api }]) => {
  const expected = api.read(recording)

  test.concurrent.for(clientsFor({ recording, api }))('%s', async ([, client]) => {
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
    // Where the bytes pass, the provider's own word for its end does too.
    const ignored =
      client.speaks === api.name
        ? ['finish', ...ignoredFor(recording, client)]
        : ignoredFor(recording, client)
    expectSame(await answer, expected, { client, ignored })
  })

  test.runIf(passesThrough({ recording, api }) && expected.error === undefined)(
    'passes through byte for byte',
    { concurrent: true },
    async () => {
      const answer = await askRaw(api.name, {
        url: replay.url,
        route: routeOf(recording),
        stream: recording.isStream,
      })
      expect(answer.equals(recording.bytes)).toBe(true)
    },
  )
})

describe.for(named(refused))('%s', ([, { recording, api }]) => {
  const expected = refusalOf(recording)

  test.concurrent.for(clientsFor({ recording, api }))('%s', async ([, client]) => {
    const answer = client.ask({ url: replay.url, route: routeOf(recording), stream: recording.isStream })
    const error: unknown = await answer.then(
      () => undefined,
      (error: unknown) => error,
    )
    const failure = client.failureOf(error)
    if (failure === undefined) throw new Error('it raised no exception of its own', { cause: error })
    expect(failure.status).toBe(client.statuses?.[expected.status] ?? expected.status)
    expect(failure.message).toContain(expected.message)
  })
})

/** With their names, for titles. The AI SDK over the provider's own dialect is no client of ours: the bytes pass. */
function clientsFor({ recording, api }: Chat): (readonly [string, Client])[] {
  const asked = CLIENTS.filter((client) => {
    const isOwn = client.speaks === api.name
    // Completions of old are asked for by their own path only, and it serves nothing else.
    if ((api.isOwnOnly || client === openAiCompletionsClient) && !isOwn) return false
    return !(isOwn && client.name.startsWith('ai-sdk')) && !isUnreadable(recording, client)
  })
  return asked.map((client) => [client.name, client])
}

/** Whether a client gets the recording's own bytes: not when they come in a wrapping that it did not ask for. */
function passesThrough({ recording, api }: Chat): boolean {
  if (!CLIENTS.some(({ speaks }) => speaks === api.name)) return false
  return !recording.isStream || recording.headers['content-type']?.startsWith('text/event-stream') === true
}

/** For titles that are not cut short. */
function named(chats: readonly Chat[]): [string, Chat][] {
  return chats.map((chat) => [chat.recording.id, chat])
}
