import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { EmbeddingsRequest, RerankRequest } from '../../core/request.ts'
import { cohereRerank } from '../cohere/index.ts'
import { jinaRerank, perplexityEmbeddings, voyageEmbeddings, voyageRerank } from './index.ts'

const TARGET = { model: 'm' }

function embed(more: Partial<EmbeddingsRequest>): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = voyageEmbeddings.write({ input: ['A'], extras: {}, ...more }, TARGET)
  return { body: JSON.parse(body), dropped }
}

describe('embeddings of Voyage', () => {
  test('are asked for in its own words', () => {
    const extras = { truncation: false, user: 'u' }
    expect(embed({ dimensions: 256, purpose: 'search_query', encoding: 'base64', extras })).toEqual({
      body: {
        model: 'm',
        input: ['A'],
        input_type: 'query',
        output_dimension: 256,
        encoding_format: 'base64',
        truncation: false,
      },
      dropped: ['user'],
    })
  })

  test('have no word for lists of numbers, nor for all purposes', () => {
    expect(embed({ encoding: 'float', purpose: 'clustering' })).toEqual({
      body: { model: 'm', input: ['A'] },
      dropped: ['purpose'],
    })
  })

  test('count a total only, which is the input', () => {
    const body = '{"data":[{"embedding":"AAAAPw=="}],"model":"voyage-x","usage":{"total_tokens":3}}'
    expect(voyageEmbeddings.read(body)).toEqual({
      vectors: ['AAAAPw=='],
      model: 'voyage-x',
      usage: { inputTokens: 3, totalTokens: 3 },
    })
    expect(voyageEmbeddings.usage(Buffer.from(body))).toEqual({ inputTokens: 3 })
  })
})

describe('embeddings of Perplexity', () => {
  test('are asked for without an encoding: it has none of OpenAI', () => {
    const { body } = perplexityEmbeddings.write(
      { input: 'A', dimensions: 128, encoding: 'base64', extras: {} },
      TARGET,
    )
    expect(JSON.parse(body)).toEqual({ model: 'm', input: 'A', dimensions: 128 })
  })

  test('are signed bytes', () => {
    const body = '{"data":[{"embedding":"AX+A/w=="}],"usage":{"prompt_tokens":3,"total_tokens":3}}'
    expect(perplexityEmbeddings.read(body).vectors).toEqual([[1, 127, -128, -1]])
  })
})

describe('ranks', () => {
  const REQUEST: RerankRequest = {
    query: 'q',
    documents: ['a', 'b'],
    topN: 1,
    returnDocuments: true,
    extras: { truncation: true, priority: 1 },
    extrasDialect: 'cohere',
  }

  test.each([
    [jinaRerank, { top_n: 1, return_documents: true, truncation: true }, ['priority']],
    [voyageRerank, { top_k: 1, return_documents: true, truncation: true }, ['priority']],
    [cohereRerank, { top_n: 1, truncation: true, priority: 1 }, []],
  ])('of $name are asked for in its own words', (format, words, dropped) => {
    const written = format.write(REQUEST, TARGET)
    expect(JSON.parse(written.body)).toEqual({ model: 'm', query: 'q', documents: ['a', 'b'], ...words })
    expect(written.dropped).toEqual(dropped)
  })

  const RESULTS = [
    { index: 1, relevance_score: 0.75, document: { text: 'b' } },
    { index: 0, relevance_score: 0.25, document: 'a' },
  ]
  const READ = [
    { index: 1, score: 0.75, document: 'b' },
    { index: 0, score: 0.25, document: 'a' },
  ]

  test.each([
    [jinaRerank, { results: RESULTS, usage: { total_tokens: 9 } }, { inputTokens: 9 }],
    [voyageRerank, { data: RESULTS, usage: { total_tokens: 9 } }, { inputTokens: 9 }],
    [cohereRerank, { results: RESULTS, meta: { billed_units: { search_units: 1 } } }, { searchUnits: 1 }],
  ])('of $name are read with their usage', (format, body, usage) => {
    const text = JSON.stringify(body)
    expect(format.read(text)).toEqual({ results: READ, usage })
    expect(format.usage(Buffer.from(text))).toEqual(usage)
  })

  test.each([jinaRerank, voyageRerank, cohereRerank])(
    'of $name that are none are a bad response',
    (format) => {
      for (const body of ['{}', '[', '{"results":[{}],"data":[null]}']) {
        expect(() => format.read(body)).toThrow(expect.objectContaining({ kind: 'bad_response' }))
      }
    },
  )
})
