import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { asObject, asString, isObject, type JsonObject } from '../../src/core/json.ts'
import { ask } from './ask.ts'
import { startGateway } from './gateway.ts'
import { haveRecordings, NO_RECORDINGS, readProviderCases, type ProviderCase } from './recordings.ts'

/** How a route is configured whose provider is `{uri}`, by the beginning of a case's id. */
const MODELS: Readonly<Record<string, string>> = {
  'mls-': '{provider: mlflow-model-serving, name: chat-bot-9000, config: {model_server_url: "{uri}"}}',
  'tgi-': '{provider: huggingface-text-generation-inference, name: hf, config: {hf_server_url: "{uri}"}}',
  'ai21-':
    '{provider: ai21labs, name: j2-ultra, config: {ai21labs_api_key: key, ai21labs_api_base: "{uri}"}}',
}

/** Cases of MLflow that the gateway means to answer otherwise, and why. */
const INTENDED: Readonly<Record<string, string>> = {
  'ai21-004': 'Jamba chats, so chat routes are served',
  'tgi-003': 'the server has a chat API, so chat routes are served',
}

/** What stands for a case's request when it only names the kind. */
const REQUESTS: Readonly<Record<string, JsonObject>> = {
  completions: { prompt: 'Is this a test?' },
  embeddings: { text: ['test1', 'test2'] },
  'chat with 2 messages': {
    messages: [
      { role: 'user', content: 'one' },
      { role: 'user', content: 'two' },
    ],
  },
}

const cases = haveRecordings ? Object.keys(MODELS).flatMap((prefix) => readProviderCases(prefix)) : []
const replayed = cases.filter((one) => !(one.id in INTENDED) && requestOf(one) !== undefined)

test('there are cases to replay', ({ skip }) => {
  skip(!haveRecordings, NO_RECORDINGS)
  expect(replayed.length).toBeGreaterThan(15)
})

describe.skipIf(!haveRecordings)('a provider of MLflow 2.8', () => {
  test.each(replayed.map((one) => [one.id, one] as const))('is served as it was: %s', async (_id, one) => {
    const { then } = one
    const sent = requestOf(one) ?? {}
    const { answer, asked } = await replay(one, sent)
    const body = asObject(JSON.parse(answer.body))
    expect(answer.status).toBe(then['status'] ?? 200)
    if (then['upstream_json'] !== undefined) expect(asked).toEqual([then['upstream_json']])
    if (then['response'] !== undefined) expect(body).toEqual(then['response'])
    if (then['response.embeddings'] !== undefined)
      expect(body['embeddings']).toEqual(then['response.embeddings'])
    if (then['detail'] !== undefined) expect(body['detail']).toEqual(then['detail'])
    if (typeof then['detail_contains'] === 'string') expect(body['detail']).toContain(then['detail_contains'])
    if (then['candidate_texts'] !== undefined) {
      expect(body['candidates']).toMatchObject(
        Array.from(then['candidate_texts'] as string[], (text) => ({ text })),
      )
    }
  })
})

function requestOf({ given, when }: ProviderCase): JsonObject | undefined {
  if (isObject(when)) return when
  return REQUESTS[String(when)] ?? REQUESTS[String(given)]
}

function typeOf(sent: JsonObject): string {
  if ('messages' in sent) return 'llm/v1/chat'
  return 'text' in sent ? 'llm/v1/embeddings' : 'llm/v1/completions'
}

async function replay(
  { id, given }: ProviderCase,
  sent: JsonObject,
): Promise<{ answer: { status: number; body: string }; asked: unknown[] }> {
  const asked: unknown[] = []
  const upstream = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(asObject(given)['upstream'] ?? {}))
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  const prefix = Object.keys(MODELS).find((known) => id.startsWith(known)) ?? ''
  const model = asString(MODELS[prefix])?.replace('{uri}', `http://127.0.0.1:${port}`)
  const gateway = await startGateway(`routes:\n  - {name: r, type: ${typeOf(sent)}, model: ${model}}\n`)
  onTestFinished(async () => {
    await gateway.close()
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
  })
  const path = '/gateway/r/invocations'
  const body = JSON.stringify(sent)
  const answer = await ask(gateway.port, { method: 'POST', path, body, contentType: 'application/json' })
  return { answer, asked }
}
