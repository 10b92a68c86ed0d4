import { describe, expect, test } from 'vitest'
import { openAiEmbeddings } from './index.ts'
import { readEmbeddings } from './read-chat.ts'

const VECTOR = [0.5, -0.25, 1]
/** Little-endian float32. */
const BASE64 = 'AAAAPwAAgL4AAIA/'
const target = { model: 'm' }

function ask(body: object): ReturnType<typeof readEmbeddings> {
  return readEmbeddings(Buffer.from(JSON.stringify({ model: 'r', input: 'a', ...body })))
}

function embeddingOf(body: object, vector: number[] | string): unknown {
  return JSON.parse(ask(body).write({ vectors: [vector], usage: {} })).data[0].embedding
}

describe('vectors are given as the client asked for them', () => {
  test.each<[object, number[] | string, unknown]>([
    [{ encoding_format: 'base64' }, VECTOR, BASE64],
    [{ encoding_format: 'base64' }, BASE64, BASE64],
    [{ encoding_format: 'float' }, BASE64, VECTOR],
    [{}, BASE64, VECTOR],
    [{}, VECTOR, VECTOR],
  ])('%j of %j', (body, vector, expected) => {
    expect(embeddingOf(body, vector)).toEqual(expected)
  })
})

test('what is asked for is written as it was read', () => {
  const body = { model: 'm', input: 'a', dimensions: 3, encoding_format: 'base64', user: 'u' }
  const { body: written, dropped } = openAiEmbeddings.write(ask(body).embeddings(), target)
  expect(JSON.parse(written)).toEqual(body)
  expect(dropped).toEqual([])
})

test('what is of another dialect is left out and named', () => {
  const request = { input: 'a', purpose: 'clustering', extras: { truncate: 'END' }, extrasDialect: 'cohere' }
  const { body, dropped } = openAiEmbeddings.write(request, target)
  expect(JSON.parse(body)).toEqual({ model: 'm', input: 'a' })
  expect(dropped.toSorted()).toEqual(['purpose', 'truncate'])
})
