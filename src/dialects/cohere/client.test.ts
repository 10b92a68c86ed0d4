import { describe, expect, test } from 'vitest'
import type { ClientRequest, EmbeddingsClientRequest, RerankClientRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RouteType } from '../../core/route.ts'
import { cohere } from './client.ts'

function at(path: string, type: RouteType, body: JsonObject): ClientRequest {
  const endpoint = cohere.endpoints.find((endpoint) => endpoint.path === path)
  if (!endpoint) throw new Error(`no endpoint ${path}`)
  return endpoint.read(Buffer.from(JSON.stringify(body)), {
    route: { name: 'a-route', type, model: { name: 'm', provider: 'p' } },
    head: { headers: {}, search: new URLSearchParams() },
    settings: { invocationsShape: 'openai', bodyLimit: 1024 },
  })
}

const CHAT = { model: 'a-route', messages: [{ role: 'user', content: 'Hi' }] }

describe('a chat', () => {
  test('passes through to Cohere with the model of the target, and to no other', () => {
    const request = at('/v2/chat', 'llm/v1/chat', CHAT)
    expect(String(request.passThrough('cohere-chat', { model: 'm' }))).toBe(
      '{"model":"m","messages":[{"role":"user","content":"Hi"}]}',
    )
    expect(request.passThrough('openai-chat', { model: 'm' })).toBeUndefined()
  })

  test('with state of other models is never passed through', () => {
    const content = [{ type: 'thinking', thinking: '', signature: 'gw1.own.anthropic.c2ln' }]
    const body = { ...CHAT, messages: [{ role: 'assistant', content }] }
    expect(at('/v2/chat', 'llm/v1/chat', body).passThrough('cohere-chat', { model: 'm' })).toBeUndefined()
  })

  test('is for routes of its type', () => {
    expect(() => at('/v2/chat', 'llm/v1/embeddings', CHAT)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining('llm/v1/embeddings') }),
    )
  })

  test('names its fields in the words of Cohere', () => {
    const request = at('/v2/chat', 'llm/v1/chat', CHAT)
    expect(['topP', 'stop', 'seed'].map((name) => request.parameterName(name))).toEqual([
      'p',
      'stop_sequences',
      'seed',
    ])
  })
})

test('the route is the model', () => {
  const address = cohere.endpoints[0]?.address
  const head = { headers: {}, search: new URLSearchParams() }
  expect(address?.routeOf(Buffer.from(JSON.stringify(CHAT)), head)).toBe('a-route')
  expect(() => address?.routeOf(Buffer.from('{"model":5}'), head)).toThrow(
    expect.objectContaining({ status: 400 }),
  )
  expect(address?.unknownRoute('x')).toMatchObject({ status: 404, kind: 'not_found' })
})

describe('embeddings', () => {
  function embed(body: JsonObject): EmbeddingsClientRequest {
    const request = at('/v2/embed', 'llm/v1/embeddings', { model: 'a-route', ...body })
    if (request.operation !== 'embeddings') throw new Error(request.operation)
    return request
  }

  test('may be of inputs', () => {
    const inputs = [{ content: [{ type: 'text', text: 'A' }] }]
    expect(embed({ inputs, input_type: 'classification' }).embeddings()).toEqual({
      input: ['A'],
      purpose: 'classification',
      extras: {},
      extrasDialect: 'cohere',
    })
  })

  test.each([
    [{ images: ['data:image/png;base64,AA=='] }, 422],
    [{ inputs: [{ content: [{ type: 'image_url', image_url: {} }] }] }, 422],
    [{ texts: ['A'], embedding_types: ['int8'] }, 422],
    [{ texts: 'A' }, 400],
    [{ texts: [5] }, 400],
    [{}, 400],
  ])('of %j are refused with status %i when they must be translated', (body, status) => {
    expect(() => embed(body).embeddings()).toThrow(expect.objectContaining({ status }))
    expect(embed(body).passThrough('cohere-embeddings', { model: 'm' })).toBeInstanceOf(Buffer)
  })

  test('in base64 become lists of numbers for those who asked for them', () => {
    const request = embed({ texts: ['A'], embedding_types: ['float'] })
    const reply = JSON.parse(request.write({ vectors: ['AAAAPwAAgL8='], usage: {} }))
    expect(reply.embeddings).toEqual({ float: [[0.5, -1]] })
  })
})

describe('ranks', () => {
  const BODY = { model: 'a-route', query: 'q', documents: ['a', { text: 'b' }, { title: 't', text: 'c' }] }

  function rerank(path: string, more: JsonObject = {}): RerankClientRequest {
    const request = at(path, 'llm/v1/rerank', { ...BODY, ...more })
    if (request.operation !== 'rerank') throw new Error(request.operation)
    return request
  }

  test('are of texts, and of objects as JSON', () => {
    expect(rerank('/v1/rerank', { top_n: 2, max_tokens_per_doc: 5 }).rerank()).toEqual({
      query: 'q',
      documents: ['a', 'b', '{"title":"t","text":"c"}'],
      topN: 2,
      extras: { max_tokens_per_doc: 5 },
      extrasDialect: 'cohere',
    })
  })

  test('come back with their documents when these were asked for', () => {
    const reply = { results: [{ index: 1, score: 0.5 }], usage: { searchUnits: 1 } }
    expect(JSON.parse(rerank('/v1/rerank', { return_documents: true }).write(reply))).toEqual({
      id: '',
      results: [{ index: 1, relevance_score: 0.5, document: { text: 'b' } }],
      meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
    })
    expect(JSON.parse(rerank('/v2/rerank').write(reply)).results).toEqual([
      { index: 1, relevance_score: 0.5 },
    ])
  })

  test('pass through to those who speak the same version', () => {
    const passes = (path: string, format: string): boolean =>
      rerank(path).passThrough(format, { model: 'm' }) !== undefined
    expect(passes('/v1/rerank', 'jina-rerank')).toBe(true)
    expect(passes('/v1/rerank', 'cohere-rerank')).toBe(false)
    expect(passes('/v2/rerank', 'cohere-rerank')).toBe(true)
  })
})
