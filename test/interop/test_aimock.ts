/** The official SDKs in JavaScript against routes to another implementation of the providers' APIs. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { anthropic } from './clients/anthropic.ts'
import type { Client, Place } from './clients/client.ts'
import { cohere } from './clients/cohere.ts'
import { gemini } from './clients/gemini.ts'
import { openAiChat } from './clients/openai-chat.ts'
import { openAiResponses } from './clients/openai-responses.ts'
import { CALLS, EMBEDDERS, gapOf, MODELS, SPOKEN } from './foreign-upstream.ts'
import { startStage, type Stage } from './stage.ts'

const CLIENTS: readonly Client[] = [openAiChat, openAiResponses, anthropic, gemini, cohere]

let stage: Stage

before(async () => {
  stage = await startStage()
})

after(() => stage.stop())

type Check = (client: Client, place: Place) => Promise<void>

const CHECKS: Readonly<Record<string, Check>> = {
  'says what the provider says': checkText,
  'calls tools and takes their results': checkTools,
  'tells that the answer was cut': checkLength,
  'raises its own exception': checkFailure,
}

for (const client of CLIENTS) {
  for (const route of Object.keys(MODELS)) {
    void describe(`${client.name} -> ${route}`, () => {
      for (const [name, check] of Object.entries(CHECKS)) {
        const skip = gapOf(client.name, route, name) ?? false
        void test(`${name}, whole`, { skip }, () =>
          check(client, { url: stage.gateway.url, route, stream: false }),
        )
        void test(`${name}, streamed`, { skip }, () =>
          check(client, { url: stage.gateway.url, route, stream: true }),
        )
      }
    })
  }
  if (client.embed) {
    for (const route of Object.keys(EMBEDDERS)) {
      void test(`${client.name} -> ${route}: embeds a text`, () => checkEmbeddings(client, route))
    }
  }
}

async function checkText(client: Client, place: Place): Promise<void> {
  const { text, calls, finish } = await client.start(place).say('greet me')
  assert.deepEqual({ text, calls, finish }, { text: SPOKEN, calls: [], finish: client.finishes.stop })
}

async function checkTools(client: Client, place: Place): Promise<void> {
  const conversation = client.start(place)
  const { calls, finish } = await conversation.say('How will the weather be?')
  assert.deepEqual(
    calls.map(({ name, arguments: given }) => ({ name, arguments: given })),
    CALLS,
  )
  // Gemini's own calls may go without.
  const ids = calls.map(({ id }) => id).filter((id) => id !== '')
  assert.ok([0, calls.length].includes(new Set(ids).size), `ids are not of one call each: ${ids.join()}`)
  assert.equal(finish, client.finishes.calls)
  const last = await conversation.answer(calls, (call) => `sunny ${calls.indexOf(call)}`)
  assert.match(last.text, /^The tools said: .*sunny 0.* \| .*sunny 1/)
  assert.equal(last.finish, client.finishes.stop)
}

async function checkLength(client: Client, place: Place): Promise<void> {
  const { text, finish } = await client.start(place).say('Say what is too long')
  assert.deepEqual({ text, finish }, { text: 'This answer is cut', finish: client.finishes.length })
}

async function checkFailure(client: Client, place: Place): Promise<void> {
  await assert.rejects(client.start(place).say('I ask too often'), (error) => {
    assert.equal(client.statusOfRateLimit(error), 429)
    assert.match(String(error), /Slow down, please\./)
    return true
  })
}

async function checkEmbeddings(client: Client, route: string): Promise<void> {
  // One text only: the upstream has no batchEmbedContents.
  assert.deepEqual(await client.embed?.({ url: stage.gateway.url, route }, ['one']), [[0.25, -0.5, 1]])
}
