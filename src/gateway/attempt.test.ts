import { describe, expect, test, vi } from 'vitest'
import { makeCall } from '../../test/support/call.ts'
import type { ByteSource } from '../core/bytes.ts'
import type { Call } from '../core/call.ts'
import type { UpstreamFormat } from '../core/dialect.ts'
import type { Attempt, Provider, UpstreamReply } from '../core/provider.ts'
import type { RouteType } from '../core/route.ts'
import { Secret } from '../core/secret.ts'
import { anthropic } from '../dialects/anthropic/client.ts'
import { anthropicMessages } from '../dialects/anthropic/index.ts'
import { openAi } from '../dialects/openai/client.ts'
import { openAiInputTokens } from '../dialects/openai-responses/index.ts'
import { openAiChat, openAiEmbeddings } from '../dialects/openai/index.ts'
import { attempt } from './attempt.ts'

const KEY = 'sk-canary-7f3a'
const CHAT = '{ "messages": [{"role":"user","content":"hi"}] }'
const ANSWER = {
  id: 'c1',
  model: 'm-1',
  created: 7,
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
}

const openAiShaped = (body = CHAT, type?: RouteType): Call => makeCall(body, type ? { type } : {})
const legacy = (body = CHAT, type?: RouteType): Call =>
  makeCall(body, { path: '/gateway/:route/invocations', ...(type ? { type } : {}) })

function body(text: string): ByteSource {
  return {
    flow(sink): void {
      sink.data(Buffer.from(text))
      sink.end()
    },
    pause: () => undefined,
    resume: () => undefined,
    cancel: vi.fn<() => void>(),
  }
}

interface FakeProvider extends Provider {
  seen: Attempt[]
}

function provider(
  reply: { status?: number; contentType?: string; text: string },
  ...formats: UpstreamFormat[]
): FakeProvider {
  const seen: Attempt[] = []
  const upstream: UpstreamReply = {
    status: reply.status ?? 200,
    contentType: reply.contentType ?? 'application/json',
    body: body(reply.text),
  }
  return {
    name: 'fake',
    model: 'm',
    secrets: [new Secret(KEY)],
    seen,
    formats: formats.length > 0 ? formats : [openAiChat, openAiEmbeddings],
    send(asked) {
      seen.push(asked)
      return Promise.resolve(upstream)
    },
    close: () => Promise.resolve(),
  }
}

function sent({ seen }: FakeProvider): string {
  return String(seen[0]?.body)
}

describe('what is sent', () => {
  test("is the client's own bytes where the provider speaks the same", async () => {
    const fake = provider({ text: JSON.stringify(ANSWER) })
    const call = openAiShaped()
    await attempt({ provider: fake }, call)
    expect(sent(fake)).toBe(`{"model":"m","temperature":0,"n":1,${CHAT.slice(1)}`)
    expect(fake.seen[0]).toMatchObject({ format: openAiChat, stream: false, signal: call.signal })
  })

  test('is written anew where it speaks otherwise', async () => {
    const fake = provider(
      { text: '{"type":"message","content":[],"stop_reason":"end_turn"}' },
      anthropicMessages,
    )
    const { dropped } = await attempt(
      { provider: fake },
      openAiShaped('{"messages":[{"role":"user","content":"hi"}],"seed":7}'),
    )
    expect(JSON.parse(sent(fake))).toMatchObject({
      model: 'm',
      messages: [{ role: 'user' }],
      max_tokens: expect.any(Number),
    })
    expect(Array.isArray(dropped)).toBe(true)
  })

  test('says whether a stream is wanted', async () => {
    const fake = provider({ text: JSON.stringify(ANSWER) })
    await attempt({ provider: fake }, openAiShaped(CHAT.replace('}] }', '}],"stream":true}')))
    expect(fake.seen[0]?.stream).toBe(true)
  })

  test('cannot be nested without end', async () => {
    const depth = 20_000
    const deep = `{"messages":[{"role":"user","content":"hi"}],"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`
    await expect(attempt({ provider: provider({ text: '{}' }) }, legacy(deep))).rejects.toMatchObject({
      kind: 'bad_request',
      status: 422,
    })
  })
})

describe('a whole answer', () => {
  test('goes on as it came where the client speaks the same', async () => {
    const text = JSON.stringify(ANSWER, null, 2)
    const reply = await attempt({ provider: provider({ text }) }, openAiShaped())
    expect(reply.body).toMatchObject({ type: 'whole' })
    expect(reply.body.type === 'whole' && String(reply.body.text)).toBe(text)
    await expect(reply.finished).resolves.toEqual({
      model: 'm-1',
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    })
  })

  test('is written anew where the client speaks otherwise', async () => {
    const reply = await attempt({ provider: provider({ text: JSON.stringify(ANSWER) }) }, legacy())
    expect(reply.body.type === 'whole' && JSON.parse(String(reply.body.text))).toEqual({
      candidates: [{ message: { role: 'assistant', content: 'Hi.' }, metadata: { finish_reason: 'stop' } }],
      metadata: {
        input_tokens: 1,
        output_tokens: 2,
        total_tokens: 3,
        model: 'm-1',
        route_type: 'llm/v1/chat',
      },
    })
    await expect(reply.finished).resolves.toEqual({
      model: 'm-1',
      finishReasons: ['stop'],
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    })
  })

  test('may answer a request for a stream', async () => {
    const chat = CHAT.replace('}] }', '}],"stream":true}')
    const fake = { provider: provider({ text: JSON.stringify(ANSWER) }) }
    const mlflow = await attempt(fake, openAiShaped(chat))
    expect(mlflow.body).toMatchObject({ type: 'whole', text: Buffer.from(JSON.stringify(ANSWER)) })
    const asked = { dialect: openAi, path: '/v1/chat/completions' }
    const reply = await attempt(fake, makeCall(`{"model":"r",${chat.slice(1)}`, asked))
    expect(reply.body).toMatchObject({
      type: 'whole',
      contentType: expect.stringContaining('text/event-stream'),
      text: expect.stringContaining('"content":"Hi."'),
    })
  })

  test('may be vectors', async () => {
    const text = '{"data":[{"embedding":[0.5]}],"model":"e","usage":{"prompt_tokens":3,"total_tokens":3}}'
    const same = await attempt(
      { provider: provider({ text }) },
      openAiShaped('{"input":"a"}', 'llm/v1/embeddings'),
    )
    expect(same.body.type === 'whole' && String(same.body.text)).toBe(text)
    const other = await attempt({ provider: provider({ text }) }, legacy('{"text":"a"}', 'llm/v1/embeddings'))
    expect(other.body.type === 'whole' && JSON.parse(String(other.body.text))).toEqual({
      embeddings: [[0.5]],
      metadata: {
        input_tokens: 3,
        output_tokens: 0,
        total_tokens: 3,
        model: 'e',
        route_type: 'llm/v1/embeddings',
      },
    })
    for (const { finished } of [same, other]) {
      await expect(finished).resolves.toMatchObject({ usage: { inputTokens: 3 } })
    }
  })

  test.each([
    ['<html>', 'is not a JSON object'],
    ['', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    ['{"a":1', 'is not a JSON object'],
    ['{}', 'has no "choices"'],
    ['{"ok":true}', 'has no "choices"'],
  ])('%j is never passed on as a success', async (text, message) => {
    await expect(attempt({ provider: provider({ text }) }, openAiShaped())).rejects.toMatchObject({
      kind: 'bad_response',
      status: 502,
      message: expect.stringContaining(message),
    })
    await expect(attempt({ provider: provider({ text }) }, legacy())).rejects.toMatchObject({
      kind: 'bad_response',
      status: 502,
    })
  })

  test.each([openAiShaped, legacy])('without vectors is no success for embeddings', async (make) => {
    const call = make(make === legacy ? '{"text":"a"}' : '{"input":"a"}', 'llm/v1/embeddings')
    await expect(attempt({ provider: provider({ text: '{"choices":[]}' }) }, call)).rejects.toMatchObject({
      kind: 'bad_response',
      status: 502,
    })
  })

  test.each([openAiShaped, legacy])(
    'with status 200 may still be an error, without our secrets',
    async (make) => {
      const text = `{"error":{"message":"Not with ${KEY}."}}`
      await expect(attempt({ provider: provider({ text }) }, make())).rejects.toMatchObject({
        message: 'Not with [redacted].',
        status: 502,
      })
    },
  )

  test('may speak of errors', async () => {
    const text = JSON.stringify({ ...ANSWER, error: null })
    await expect(attempt({ provider: provider({ text }) }, openAiShaped())).resolves.toMatchObject({
      body: { type: 'whole' },
    })
  })

  test.each([
    ['text/html; charset=utf-8', 'text/html'],
    ['', 'none'],
    ['text/event-stream', 'text/event-stream'],
  ])('of type %j is refused and let go', async (contentType, named) => {
    const fake = provider({ contentType, text: '{}' })
    await expect(attempt({ provider: fake }, openAiShaped())).rejects.toMatchObject({
      kind: 'bad_response',
      status: 502,
      message: `The returned data type from the route service is not supported. Received content type: ${named}`,
    })
  })
})

describe('a stream', () => {
  const events = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`
  const streaming = CHAT.replace('}] }', '}],"stream":true}')

  test('is opened at its first content', async () => {
    const fake = provider({ contentType: 'text/event-stream; charset=utf-8', text: events })
    const reply = await attempt({ provider: fake }, openAiShaped(streaming))
    expect(reply.body.type).toBe('stream')
    await expect(reply.finished).resolves.toMatchObject({ isEstimated: true, usage: { outputTokens: 1 } })
  })

  test('that fails before is an error', async () => {
    const fake = provider({ contentType: 'text/event-stream', text: ': nothing\n\n' })
    await expect(attempt({ provider: fake }, openAiShaped(streaming))).rejects.toMatchObject({
      kind: 'truncated',
      status: 502,
    })
  })
})

test.each([
  [429, 'rate_limit', 429],
  [400, 'bad_request', 400],
  [401, 'auth', 502],
  [500, 'server_error', 500],
  [302, 'bad_response', 502],
])('a refusal with status %i is of kind %s and becomes %i', async (status, kind, shown) => {
  const fake = provider({ status, text: `{"error":{"message":"No, ${KEY}."}}` })
  const failure = attempt({ provider: fake }, openAiShaped())
  await expect(failure).rejects.toMatchObject({ kind, status: shown })
  await expect(failure).rejects.toMatchObject({ message: expect.not.stringContaining(KEY) })
})

describe('tokens that a provider is asked to count', () => {
  const count = (status: number): ReturnType<typeof attempt> => {
    const call = makeCall('{"model":"r","messages":[{"role":"user","content":"hello"}]}', {
      dialect: anthropic,
      path: '/v1/messages/count_tokens',
    })
    return attempt({ provider: provider({ status, text: '{}' }, openAiInputTokens) }, call)
  }

  test.each([404, 405, 501])(
    'are estimated where it has no such path, as it says with %i',
    async (status) => {
      const { body, dropped } = await count(status)
      expect(body).toMatchObject({
        type: 'whole',
        text: expect.stringMatching(/^\{"input_tokens":[1-9]\d*\}$/),
      })
      expect(dropped).toEqual(['input_tokens (estimated)'])
    },
  )

  test('are not where it fails', async () => {
    await expect(count(429)).rejects.toMatchObject({ kind: 'rate_limit' })
  })
})

test('a provider that was never meant to serve this says so', async () => {
  const fake: Provider = { ...provider({ text: '{}' }), formats: [] }
  await expect(attempt({ provider: fake }, openAiShaped())).rejects.toThrow(
    "The provider 'fake' of this route does not serve chat.",
  )
})

describe("a route's params and strictness", () => {
  const foreign = '{"messages":[{"role":"user","content":"hi"}],"logit_bias":{"1":2}}'
  const asked = (): Call =>
    makeCall(`{"model":"r",${foreign.slice(1)}`, { dialect: openAi, path: '/v1/chat/completions' })
  const claude = (): FakeProvider =>
    provider({ text: '{"type":"message","content":[],"stop_reason":"end_turn"}' }, anthropicMessages)

  test('params change the body that the provider gets', async () => {
    const fake = provider({ text: JSON.stringify(ANSWER) })
    const params = { override: { user: 'gateway' }, default: { seed: 7 }, drop: ['n'] }
    await attempt({ provider: fake, params }, openAiShaped())
    expect(JSON.parse(sent(fake))).toMatchObject({ user: 'gateway', seed: 7 })
    expect(JSON.parse(sent(fake))).not.toHaveProperty('n')
  })

  test('what cannot be carried is named in the words of the client', async () => {
    const { dropped } = await attempt({ provider: claude() }, asked())
    expect(dropped).toContain('logit_bias')
  })

  test('on a strict route it is refused, and nothing is sent', async () => {
    const fake = claude()
    await expect(attempt({ provider: fake, isStrict: true }, asked())).rejects.toMatchObject({
      kind: 'bad_request',
      status: 400,
      message: expect.stringContaining('logit_bias'),
    })
    expect(fake.seen).toEqual([])
  })
})
