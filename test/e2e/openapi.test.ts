import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { ask, getJson } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'

const QUICKSTART = new URL('../../examples/quickstart.yaml', import.meta.url)
const MESSAGES = [{ role: 'user', content: 'What is 2+3?' }]

let gateway: Gateway
let ajv: Ajv2020

beforeAll(async () => {
  gateway = await Gateway.start(await readFile(QUICKSTART, 'utf8'), { workers: 1 })
  const document = await getJson<JsonObject>(`${gateway.url}/openapi.json`)
  ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false, formats: { 'date-time': true } })
  ajv.addVocabulary(Object.keys(document))
  ajv.addSchema(document, 'document')
})

afterAll(() => gateway.stop())

describe('what the gateway answers fits what /openapi.json says about it', () => {
  it.each([
    ['/gateway/chat/invocations', { messages: MESSAGES, candidate_count: 2 }, 'MlflowChatReply'],
    ['/gateway/routes/chat', { messages: MESSAGES }, 'MlflowChatReply'],
    ['/endpoints/chat/invocations', { messages: MESSAGES, n: 2 }, 'OpenAiChatReply'],
    ['/gateway/completions/invocations', { prompt: 'say hi' }, 'MlflowCompletionsReply'],
    ['/gateway/routes/completions', { prompt: 'say hi' }, 'MlflowCompletionsReply'],
    ['/endpoints/completions/invocations', { prompt: 'say hi' }, 'OpenAiCompletionsReply'],
    ['/gateway/embeddings/invocations', { texts: ['a', 'b'] }, 'MlflowEmbeddingsReply'],
    ['/gateway/routes/embeddings', { text: 'a' }, 'MlflowEmbeddingsReply'],
    ['/endpoints/embeddings/invocations', { input: ['a', 'b'] }, 'OpenAiEmbeddingsReply'],
    ['/v1/chat/completions', { model: 'chat', messages: MESSAGES, n: 2 }, 'OpenAiChatReply'],
    ['/v1/completions', { model: 'completions', prompt: 'say hi' }, 'OpenAiCompletionsReply'],
    ['/v1/embeddings', { model: 'embeddings', input: ['a', 'b'] }, 'OpenAiEmbeddingsReply'],
  ])('POST %s', async (path, body, schema) => {
    const { status, text } = await ask(gateway.url + path, { body })
    expect(status).toBe(200)
    expect(problemOf(schema, JSON.parse(text))).toBe('')
  })

  it.each([
    ['/gateway/chat/invocations', { messages: MESSAGES }, 'ChatChunk'],
    ['/endpoints/chat/invocations', { messages: MESSAGES }, 'ChatChunk'],
    ['/gateway/completions/invocations', { prompt: 'say hi' }, 'CompletionsChunk'],
    ['/endpoints/completions/invocations', { prompt: 'say hi' }, 'CompletionsChunk'],
  ])('a stream of %s', async (path, body, schema) => {
    const stream = { stream: true, stream_options: { include_usage: true } }
    const { headers, text } = await ask(gateway.url + path, { body: { ...body, ...stream } })
    expect(headers['content-type']).toContain('text/event-stream')
    const events = text.trim().split('\n\n')
    expect(events.length).toBeGreaterThan(2)
    for (const event of events) expect(problemOf(schema, JSON.parse(event.replace(/^data: /, '')))).toBe('')
  })

  it.each([
    ['/v1/chat/completions', { model: 'chat', messages: MESSAGES }, 'ChatChunk'],
    ['/v1/completions', { model: 'completions', prompt: 'say hi' }, 'V1CompletionsChunk'],
  ])('a stream of %s, which ends with [DONE]', async (path, body, schema) => {
    const stream = { stream: true, stream_options: { include_usage: true } }
    const { text } = await ask(gateway.url + path, { body: { ...body, ...stream } })
    const events = text.trim().split('\n\n')
    expect(events.pop()).toBe('data: [DONE]')
    expect(events.length).toBeGreaterThan(2)
    for (const event of events) expect(problemOf(schema, JSON.parse(event.replace(/^data: /, '')))).toBe('')
  })

  it.each([
    ['/gateway/routes/', 'SeedRouteList'],
    ['/gateway/routes/chat', 'SeedRouteReply'],
    ['/api/2.0/gateway/routes/', 'RouteList'],
    ['/api/2.0/gateway/routes/chat', 'Route'],
    ['/api/2.0/endpoints/', 'EndpointList'],
    ['/api/2.0/endpoints/chat', 'Endpoint'],
    ['/v1/models', 'V1ModelList'],
    ['/v1/models/chat', 'V1Model'],
    ['/v1/models/no-such', 'V1Error'],
    ['/health', 'Health'],
    ['/health?verbose', 'Health'],
    ['/livez', 'Health'],
    ['/readyz', 'Readiness'],
    ['/api/2.0/endpoints/no-such', 'Error'],
    ['/api/2.0/gateway/limits/chat', 'RouteLimits'],
  ])('GET %s', async (path, schema) => {
    expect(problemOf(schema, await getJson<unknown>(gateway.url + path))).toBe('')
  })

  it.each([
    ['/gateway/chat/invocations', { messages: MESSAGES, temperature: 1.5 }, 'MlflowChatRequest'],
    ['/gateway/chat/invocations', { messages: MESSAGES, candidate_count: 6 }, 'MlflowChatRequest'],
    ['/gateway/chat/invocations', { messages: MESSAGES, n: 1 }, 'MlflowChatRequest'],
    ['/gateway/chat/invocations', { messages: [] }, 'MlflowChatRequest'],
    ['/gateway/chat/invocations', { messages: MESSAGES, max_tokens: 0 }, 'MlflowChatRequest'],
    ['/gateway/chat/invocations', { messages: MESSAGES, stop: [] }, 'MlflowChatRequest'],
    ['/endpoints/chat/invocations', { messages: MESSAGES, temperature: 2.5 }, 'OpenAiChatRequest'],
    ['/endpoints/chat/invocations', { messages: MESSAGES, model: 'x' }, 'OpenAiChatRequest'],
    ['/endpoints/chat/invocations', { messages: [{ role: 'user', content: null }] }, 'OpenAiChatRequest'],
    ['/gateway/completions/invocations', {}, 'MlflowCompletionsRequest'],
    ['/gateway/embeddings/invocations', {}, 'MlflowEmbeddingsRequest'],
    ['/endpoints/embeddings/invocations', { text: 'a', model: 'x' }, 'OpenAiEmbeddingsRequest'],
  ])('POST %s refuses %j, and so does its schema', async (path, body, schema) => {
    const { status, text } = await ask(gateway.url + path, { body })
    expect([400, 422]).toContain(status)
    expect(problemOf('Error', JSON.parse(text))).toBe('')
    expect(schemaOf(schema)(body)).toBe(false)
  })

  it.each([
    ['/v1/chat/completions', { messages: MESSAGES }, 'V1ChatRequest'],
    ['/v1/chat/completions', { model: '', messages: MESSAGES }, 'V1ChatRequest'],
    ['/v1/chat/completions', { model: 'chat' }, 'V1ChatRequest'],
    ['/v1/completions', { model: 'completions', prompt: ['a', 'b'] }, 'V1CompletionsRequest'],
    ['/v1/embeddings', { model: 'embeddings' }, 'V1EmbeddingsRequest'],
  ])("POST %s refuses %j in OpenAI's shape, and so does its schema", async (path, body, schema) => {
    const { status, text } = await ask(gateway.url + path, { body })
    expect(status).toBe(400)
    expect(problemOf('V1Error', JSON.parse(text))).toBe('')
    expect(schemaOf(schema)(body)).toBe(false)
  })

  it.each([
    ['/v1/chat/completions', 'no-such', 404],
    ['/v1/chat/completions', 'embeddings', 400],
  ])("POST %s with the model %s is answered with %d in OpenAI's shape", async (path, model, expected) => {
    const { status, text } = await ask(gateway.url + path, { body: { model, messages: MESSAGES } })
    expect(status).toBe(expected)
    expect(problemOf('V1Error', JSON.parse(text))).toBe('')
  })

  it.each([
    ['/v1/responses', { model: 'no-such', input: 'hi' }, 404, 'V1Error'],
    ['/v1/messages', { model: 'no-such', messages: MESSAGES, max_tokens: 9 }, 404, 'AnthropicError'],
    ['/v1beta/models/no-such:generateContent', { contents: [] }, 404, 'GeminiError'],
    ['/v2/chat', { model: 'no-such', messages: MESSAGES }, 404, 'CohereError'],
    ['/gateway/chat/mlflow/invocations', {}, 400, 'V1Error'],
    ['/proxy/chat/files', {}, 422, 'RawError'],
  ])('POST %s with %j is answered with %d in the shape of %s', async (path, body, expected, schema) => {
    const { status, text } = await ask(gateway.url + path, { body })
    expect(status).toBe(expected)
    expect(problemOf(schema, JSON.parse(text))).toBe('')
  })

  it.each([
    ['/endpoints/chat/invocations', { messages: MESSAGES, temperature: 2, n: 6 }, 'OpenAiChatRequest'],
    ['/gateway/chat/invocations', { messages: MESSAGES, max_tokens: null, stop: null }, 'MlflowChatRequest'],
  ])('POST %s takes %j, and so does its schema', async (path, body, schema) => {
    expect((await ask(gateway.url + path, { body })).status).toBe(200)
    expect(problemOf(schema, body)).toBe('')
  })
})

function schemaOf(name: string): ReturnType<Ajv2020['compile']> {
  return ajv.compile({ $ref: `document#/components/schemas/${name}` })
}

/** What the schema has against a value; empty when it fits. */
function problemOf(schema: string, value: unknown): string {
  const fits = schemaOf(schema)
  return fits(value) ? '' : `${ajv.errorsText(fits.errors)} in ${JSON.stringify(value)}`
}
