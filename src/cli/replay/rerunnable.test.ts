import { expect, test } from 'vitest'
import type { Cassette } from '../../cassettes/cassette.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RouteType } from '../../core/route.ts'
import { rerunnableFormats, toRerun } from './rerunnable.ts'

function cassette(format: string, json: JsonObject, stream = false): Cassette {
  return {
    version: 1,
    recordedAt: '2026-01-01T00:00:00.000Z',
    route: 'r',
    target: 't',
    provider: 'p',
    model: 'm',
    format,
    operation: 'chat',
    stream,
    request: { headers: { 'anthropic-beta': 'b' }, body: { json } },
    ended: { how: 'complete' },
    ms: { total: 1 },
  }
}

const messages = [{ role: 'user', content: 'hi' }]
const contents = [{ role: 'user', parts: [{ text: 'hi' }] }]
const part = { parts: [{ text: 'hi' }] }

const CASES: [format: string, type: RouteType, body: JsonObject][] = [
  ['openai-chat', 'llm/v1/chat', { model: 'm', messages }],
  ['openai-completions', 'llm/v1/completions', { model: 'm', prompt: 'hi' }],
  ['openai-embeddings', 'llm/v1/embeddings', { model: 'm', input: 'hi' }],
  ['openai-responses', 'llm/v1/chat', { model: 'm', input: 'hi' }],
  ['anthropic-messages', 'llm/v1/chat', { max_tokens: 1, messages }],
  ['gemini-generate', 'llm/v1/chat', { contents }],
  ['gemini-embeddings', 'llm/v1/embeddings', { content: part }],
  ['gemini-embeddings', 'llm/v1/embeddings', { requests: [{ model: 'm', content: part }] }],
  ['cohere-chat', 'llm/v1/chat', { model: 'm', messages }],
  ['cohere-embeddings', 'llm/v1/embeddings', { model: 'm', texts: ['hi'], input_type: 'classification' }],
  ['cohere-rerank', 'llm/v1/rerank', { model: 'm', query: 'hi', documents: ['a'] }],
  ['jina-rerank', 'llm/v1/rerank', { model: 'm', query: 'hi', documents: ['a'] }],
]

const settings = { invocationsShape: 'mlflow', bodyLimit: 1 } as const

test.each(CASES)('%s is read as a client of %s sends it', (format, type, body) => {
  const route = { name: 'r', type, model: { name: 'other', provider: 'p' } }
  const request = toRerun(cassette(format, body))?.read({ route, settings })
  expect(request?.speaks).toBe(format)
  const sent: unknown = JSON.parse(String(request?.passThrough(format, { model: 'other' })))
  if (format !== 'gemini-generate' && format !== 'gemini-embeddings')
    expect(sent).toEqual({ ...body, model: 'other' })
})

test('every format that can be sent again has a case', () => {
  expect(new Set(CASES.map(([format]) => format))).toEqual(new Set(rerunnableFormats))
})

test('a stream of Gemini is asked for on the path of streams', () => {
  const route = { name: 'r', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } } as const
  expect(toRerun(cassette('gemini-generate', { contents }, true))?.read({ route, settings })).toMatchObject({
    stream: true,
  })
})

test('headers of the dialect go with it, and no cache answers', () => {
  expect(toRerun(cassette('openai-chat', { messages }))?.head.headers).toEqual({
    'anthropic-beta': 'b',
    'cache-control': 'no-cache, no-store',
  })
})

test.each([
  ['a format that no client speaks', cassette('bedrock-converse', { messages })],
  ['a request that was not kept', { ...cassette('openai-chat', {}), request: { headers: {} } }],
])('%s cannot be sent again', (_what, one) => {
  expect(toRerun(one)).toBeUndefined()
})
