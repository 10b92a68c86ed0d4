import type { ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { json, startScriptedServer, type Answer } from '../../../test/scripted-server.ts'
import { Cancellation } from '../../core/cancel.ts'
import { collectReply, textOf } from '../../core/collect.ts'
import { GatewayError } from '../../core/error.ts'
import type { Attempt, Provider, ProviderConfig, UpstreamReply } from '../../core/provider.ts'
import type { ChatRequest } from '../../core/request.ts'
import { Secret } from '../../core/secret.ts'
import { aiSdkChat, aiSdkEmbeddings } from '../../dialects/ai-sdk/index.ts'
import { aiSdkProvider } from './index.ts'

const definition = aiSdkProvider({ chat: aiSdkChat, embeddings: aiSdkEmbeddings })
const target = { model: 'gpt-x' }

function create(config: ProviderConfig): Provider {
  const provider = definition.create({ model: 'gpt-x', config })
  onTestFinished(() => provider.close())
  return provider
}

/** A provider over OpenAI's package and a server that plays OpenAI. */
async function openAi(...answers: Answer[]): Promise<{
  provider: Provider
  seen: { url: string; body: string; headers: Record<string, unknown> }[]
}> {
  const server = await startScriptedServer(...answers)
  const config = {
    package: '@ai-sdk/openai',
    api_key: new Secret('sk-test'),
    options: { baseURL: `${server.uri}/v1` },
    provider_options: { openai: { user: 'u' } },
  }
  return { provider: create(config), seen: server.seen }
}

function chat(changes: Partial<ChatRequest> = {}): ChatRequest {
  const image = { kind: 'url', url: 'https://x.example/a.png' } as const
  const parts = [{ type: 'text', text: 'Hi' } as const, { type: 'image', source: image } as const]
  return { messages: [{ role: 'user', parts, extras: {} }], stream: false, extras: {}, ...changes }
}

function attempt(request: ChatRequest, changes: Partial<Attempt> = {}): Attempt {
  const { body } = aiSdkChat.write(request, target)
  return { format: aiSdkChat, stream: request.stream, body, signal: new Cancellation(), ...changes }
}

function bytesOf({ body }: UpstreamReply): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    body.flow({
      data: (chunk) => chunks.push(chunk),
      end: () => resolve(Buffer.concat(chunks)),
      error: reject,
    })
  })
}

const USAGE = { input_tokens: 9, output_tokens: 3, input_tokens_details: { cached_tokens: 2 } }
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
}

function completed(output: unknown[]): unknown {
  return { id: 'resp_1', created_at: 1_700_000_000, model: 'gpt-x', output, usage: USAGE }
}

function events(...list: Record<string, unknown>[]): Answer {
  return (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of list)
      response.write(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`)
    response.end()
  }
}

describe('the AI SDK as a provider', () => {
  test("asks through the package, with the file's key and options", async () => {
    const { provider, seen } = await openAi(json(200, completed([MESSAGE])))
    const reply = await provider.send(attempt(chat({ maxTokens: 20, reasoning: { effort: 'low' } })))
    expect(reply).toMatchObject({ status: 200, contentType: 'application/json' })
    expect(seen[0]).toMatchObject({ url: '/v1/responses', headers: { authorization: 'Bearer sk-test' } })
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
      model: 'gpt-x',
      max_output_tokens: 20,
      user: 'u',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Hi' },
            { type: 'input_image', image_url: 'https://x.example/a.png' },
          ],
        },
      ],
    })
    const answer = collectReply(aiSdkChat.reader(target).whole((await bytesOf(reply)).toString()))
    expect(answer.candidates.map((candidate) => textOf(candidate, 'text'))).toEqual(['Hello'])
    expect(answer).toMatchObject({
      id: 'resp_1',
      usage: { inputTokens: 9, outputTokens: 3, cacheReadTokens: 2 },
    })
    expect(provider.secrets.map((secret) => secret.reveal())).toEqual(['sk-test'])
  })

  test('streams parts as they come', async () => {
    const call = {
      id: 'fc_1',
      type: 'function_call',
      call_id: 'c1',
      name: 'f',
      arguments: '{"a":1}',
      status: 'completed',
    }
    const { provider } = await openAi(
      events(
        { type: 'response.created', response: completed([]) },
        { type: 'response.output_item.added', output_index: 0, item: { ...MESSAGE, content: [] } },
        { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'Hel' },
        { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'lo' },
        { type: 'response.output_item.done', output_index: 0, item: MESSAGE },
        { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
        {
          type: 'response.function_call_arguments.delta',
          item_id: 'fc_1',
          output_index: 1,
          delta: '{"a":1}',
        },
        { type: 'response.output_item.done', output_index: 1, item: call },
        { type: 'response.completed', response: completed([MESSAGE, call]) },
      ),
    )
    const reply = await provider.send(attempt(chat({ stream: true })))
    expect(aiSdkChat.framing.matches(reply.contentType)).toBe(true)
    const reader = aiSdkChat.reader(target)
    const frames = aiSdkChat.framing.parse(await bytesOf(reply))
    const answer = collectReply(frames.flatMap((frame) => reader.frame(frame)))
    expect(answer.candidates[0]?.parts).toMatchObject([
      { kind: 'text', text: 'Hello' },
      { kind: 'tool-call', id: 'c1', name: 'f', text: '{"a":1}' },
    ])
    expect(answer.candidates[0]?.end?.reason).toBe('tool_calls')
    expect(answer.usage).toMatchObject({ inputTokens: 9, outputTokens: 3 })
  })

  test('hands on a refusal with its status, its message and when to come back', async () => {
    const { provider } = await openAi((response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' })
      response.end(JSON.stringify({ error: { message: 'Slow down.', type: 'rate_limit', code: null } }))
    })
    const reply = await provider.send(attempt(chat()))
    expect(reply).toMatchObject({ status: 429, retryAfter: '7' })
    const error = aiSdkChat.readError(reply.status, reply.contentType, (await bytesOf(reply)).toString())
    expect(error).toMatchObject({ message: 'Slow down.', kind: 'rate_limit', status: 429 })
  })

  test('stops asking when the client leaves', async () => {
    const { provider } = await openAi(() => undefined)
    const signal = new Cancellation()
    const sent = provider.send(attempt(chat(), { signal }))
    const reason = new GatewayError('gone', { kind: 'canceled', status: 499 })
    setTimeout(() => signal.abort(reason), 50)
    await expect(sent).rejects.toBe(reason)
  })

  test('serves embeddings', async () => {
    const { provider, seen } = await openAi(
      json(200, { data: [{ embedding: [0.5, 1], index: 0 }], usage: { prompt_tokens: 2 }, model: 'e' }),
    )
    const { body } = aiSdkEmbeddings.write({ input: 'a', extras: {} }, target)
    const reply = await provider.send({
      ...attempt(chat()),
      format: aiSdkEmbeddings,
      body,
    })
    expect(seen[0]?.url).toBe('/v1/embeddings')
    expect(aiSdkEmbeddings.read((await bytesOf(reply)).toString())).toEqual({
      vectors: [[0.5, 1]],
      usage: { inputTokens: 2 },
    })
  })

  test('speaks through other packages too', async () => {
    const server = await startScriptedServer(
      json(200, {
        type: 'message',
        id: 'msg_1',
        model: 'claude-x',
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'sig' },
          { type: 'text', text: 'Hello' },
        ],
        stop_reason: 'end_turn',
        usage: { input_tokens: 5, output_tokens: 2 },
      }),
    )
    const provider = create({
      package: '@ai-sdk/anthropic',
      factory: 'createAnthropic',
      api_key: new Secret('sk-ant'),
      options: { baseURL: `${server.uri}/v1` },
    })
    const reply = await provider.send(attempt(chat({ maxTokens: 9 })))
    const answer = collectReply(aiSdkChat.reader(target).whole((await bytesOf(reply)).toString()))
    const thinking = answer.candidates[0]?.parts[0]
    expect(thinking).toMatchObject({ kind: 'thinking', text: 'Hm' })

    // What the package signed goes back to it as it was.
    const state = thinking?.state
    const parts = [{ type: 'thinking', text: 'Hm', ...(state ? { state } : {}) } as const]
    const asked = chat({ messages: [...chat().messages, { role: 'assistant', parts, extras: {} }] })
    await provider.send(attempt(asked))
    expect(server.seen[1]?.body).toContain('"signature":"sig"')
  })
})

describe('a configuration of it', () => {
  test.each([
    [{ package: '@ai-sdk/openai' }, 'm', []],
    [{ package: '@ai-sdk/nothing' }, 'm', ['is not installed; run: npm install @ai-sdk/nothing']],
    [{ package: '@ai-sdk/openai' }, null, ['needs model.name: the packages ask for one']],
    [
      { package: '@ai-sdk/openai', options: { apiKey: 'x' } },
      'm',
      ['is not kept secret here; write it as api_key, one level up'],
    ],
  ])('is checked: %j for %s', (config, model, messages) => {
    expect(definition.check?.(config, model).map(({ message }) => message)).toEqual(messages)
  })

  test.each([
    [{ package: '@ai-sdk/nothing' }, 'package @ai-sdk/nothing is not installed'],
    [{ package: '@ai-sdk/openai', factory: 'createNothing' }, 'exports no createNothing'],
    [{ package: '@ai-sdk/provider-utils', factory: 'createIdGenerator' }, 'made no AI SDK provider'],
  ])('that cannot work fails at the first request: %j', async (config, message) => {
    await expect(create(config).send(attempt(chat()))).rejects.toThrow(message)
  })
})
