import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { CohereClientV2 } from 'cohere-ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROMPT } from './clients/client.ts'
import { readCount, readRanking, readVectors, toVector } from './expected/retrieval.ts'
import { reasonNotToReplay } from './not-handled.ts'
import { haveCorpus, NO_CORPUS, readCorpus, type Recording } from './recordings.ts'
import { Replay, routeOf, type Replayed } from './replay.ts'
import { retrievalFormatOf } from './retrieval-formats.ts'

const corpus = readCorpus().filter((recording) => reasonNotToReplay(recording) === undefined)
const embeddings = served('llm/v1/embeddings')
const rankings = served('llm/v1/rerank')
const counts = served('llm/v1/chat')

let replay: Replay

beforeAll(async () => {
  if (haveCorpus) replay = await Replay.start([...embeddings, ...rankings, ...counts])
})

afterAll(() => replay?.stop())

test('the recordings are there', ({ skip }) => {
  skip(!haveCorpus, NO_CORPUS)
  expect(embeddings.length).toBeGreaterThan(0)
})

describe.for(named(embeddings))('%s', ([, recording]) => {
  const expected = readVectors(recording)
  const passes = retrievalFormatOf(recording)?.format === 'openai.openAiEmbeddings'
  const texts = expected.map((_, index) => `text ${index}`)

  test('openai', async () => {
    const client = new OpenAI({ baseURL: `${replay.url}/v1`, apiKey: 'a-client-key', maxRetries: 0 })
    const { data } = await client.embeddings.create({
      model: routeOf(recording),
      input: texts,
      // Unasked, the SDK wants base64. Recorded bytes that pass through are what they are.
      ...(passes && { encoding_format: isBase64(recording) ? 'base64' : 'float' }),
    })
    expect(data.map(({ embedding }) => toVector(embedding))).toEqual(expected)
  })

  test('cohere', async () => {
    const client = new CohereClientV2({ environment: replay.url, token: 'a-client-key' })
    const { embeddings } = await client.embed({
      model: routeOf(recording),
      texts,
      inputType: 'search_document',
      embeddingTypes: ['float'],
    })
    expect(embeddings.float?.map(rounded)).toEqual(expected)
  })

  test('gemini', async () => {
    const { models } = new GoogleGenAI({ apiKey: 'a-client-key', httpOptions: { baseUrl: replay.url } })
    const { embeddings } = await models.embedContent({ model: routeOf(recording), contents: texts })
    expect(embeddings?.map(({ values = [] }) => rounded(values))).toEqual(expected)
  })
})

describe.for(named(rankings))('%s', ([, recording]) => {
  test('cohere', async () => {
    const expected = readRanking(recording)
    const client = new CohereClientV2({ environment: replay.url, token: 'a-client-key' })
    const documents = expected.map((_, index) => `document ${index}`)
    const { results } = await client.rerank({ model: routeOf(recording), query: PROMPT, documents })
    expect(results.map(({ index, relevanceScore }) => ({ index, score: relevanceScore }))).toEqual(expected)
  })
})

describe.for(named(counts))('%s', ([, recording]) => {
  const model = routeOf(recording)
  const expected = readCount(recording)

  test('anthropic', async () => {
    const client = new Anthropic({ baseURL: replay.url, apiKey: 'a-client-key', maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: PROMPT }]
    expect(await client.messages.countTokens({ model, messages })).toMatchObject({ input_tokens: expected })
  })

  test('gemini', async () => {
    const { models } = new GoogleGenAI({ apiKey: 'a-client-key', httpOptions: { baseUrl: replay.url } })
    expect(await models.countTokens({ model, contents: PROMPT })).toMatchObject({ totalTokens: expected })
  })

  test('openai responses', async () => {
    const client = new OpenAI({ baseURL: `${replay.url}/v1`, apiKey: 'a-client-key', maxRetries: 0 })
    expect(await client.responses.inputTokens.count({ model, input: PROMPT })).toMatchObject({
      input_tokens: expected,
    })
  })
})

function served(type: NonNullable<Replayed['type']>): Replayed[] {
  return corpus.flatMap((recording) => {
    const served = retrievalFormatOf(recording)
    return served?.type === type ? [{ recording, ...served }] : []
  })
}

function named(replayed: readonly Replayed[]): [string, Recording][] {
  return replayed.map(({ recording }) => [recording.id, recording])
}

function isBase64({ bytes }: Recording): boolean {
  return /"embedding":\s*"/.test(bytes.toString('utf8'))
}

function rounded(vector: readonly number[]): number[] {
  return vector.map(Math.fround)
}
