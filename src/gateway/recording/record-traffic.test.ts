import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import {
  attemptOf,
  cassettesIn,
  receive,
  scriptedProvider,
  temporaryDirectory,
  textsIn,
  type Script,
} from '../../../test/support/scripted-provider.ts'
import { makeChat } from '../../../test/support/call.ts'
import { GatewayError } from '../../core/error.ts'
import type { ByteSource } from '../../core/bytes.ts'
import { anthropic } from '../../dialects/anthropic/client.ts'
import { anthropicMessages } from '../../dialects/anthropic/index.ts'
import { openAiChat, openAiEmbeddings } from '../../dialects/openai/index.ts'
import { recordTraffic, type RecordSettings, type RecordedProvider } from './record-traffic.ts'

const BODY = '{"messages":[{"role":"user","content":"hi"}]}'
const ANSWER = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}'

interface SetUp {
  script?: Script
  secrets?: string[]
  settings?: Partial<RecordSettings>
}

function setUp({ script = { chunks: [ANSWER] }, secrets = [], settings = {} }: SetUp = {}): {
  provider: RecordedProvider
  directory: string
  warn: ReturnType<typeof vi.fn<(message: string) => void>>
} {
  const directory = join(temporaryDirectory(), 'made', 'when-needed')
  const warn = vi.fn<(message: string) => void>()
  const provider = recordTraffic(scriptedProvider(openAiChat, script, secrets), {
    path: directory,
    route: 'chat',
    target: 'openai/gpt-4o',
    warn,
    ...settings,
  })
  return { provider, directory, warn }
}

describe('a cassette', () => {
  test('holds request, answer, end and times', async () => {
    const { provider, directory } = setUp()
    await receive(provider, attemptOf(provider, BODY))
    await provider.close()
    expect(cassettesIn(directory)).toEqual([
      {
        version: 1,
        recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        route: 'chat',
        target: 'openai/gpt-4o',
        provider: 'scripted',
        model: 'm',
        format: 'openai-chat',
        operation: 'chat',
        stream: false,
        request: { headers: {}, body: { json: { messages: [{ role: 'user', content: 'hi' }] } } },
        reply: {
          status: 200,
          headers: { 'content-type': 'application/json', 'retry-after-ms': '10', 'x-request-id': 'req-1' },
          chunks: [{ ms: expect.any(Number), text: ANSWER }],
        },
        ended: { how: 'complete' },
        usage: { inputTokens: 3, outputTokens: 5, totalTokens: 8 },
        ms: { head: expect.any(Number), firstByte: expect.any(Number), total: expect.any(Number) },
      },
    ])
  })

  test('is for its owner alone, in a directory that is too', async () => {
    const { provider, directory } = setUp()
    await receive(provider, attemptOf(provider, BODY))
    await provider.close()
    const [file = ''] = readdirSync(directory)
    expect(file).toMatch(/^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}-openai_gpt-4o\.json$/)
    expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  test('has bytes that are no text as base64', async () => {
    const { provider, directory } = setUp({ script: { chunks: [Buffer.from([255, 0]), 'text'] } })
    await receive(provider, attemptOf(provider, 'not json'))
    await provider.close()
    const [cassette] = cassettesIn(directory)
    expect(cassette?.request.body).toEqual({ base64: Buffer.from('not json').toString('base64') })
    expect(cassette?.reply?.chunks).toMatchObject([{ base64: '/wA=' }, { text: 'text' }])
  })

  test.each([
    ['cut', { cut: new GatewayError('gone', { kind: 'truncated', status: 502 }) }, 'truncated'],
    ['late', { cut: new GatewayError('late', { kind: 'timeout', status: 504 }) }, 'timeout'],
  ] as const)('says that an answer was %s', async (_how, end, kind) => {
    const { provider, directory } = setUp({ script: { chunks: ['half'], ...end } })
    expect((await receive(provider, attemptOf(provider, BODY))).error).toBe(end.cut)
    await provider.close()
    expect(cassettesIn(directory)[0]?.ended).toMatchObject({ how: 'failed', kind })
  })

  test('says that there was no answer', async () => {
    const refusal = new GatewayError('no', { kind: 'connect', status: 502 })
    const { provider, directory } = setUp({ script: { refusal } })
    await expect(provider.send(attemptOf(provider, BODY))).rejects.toBe(refusal)
    await provider.close()
    const [cassette] = cassettesIn(directory)
    expect(cassette?.ended).toEqual({ how: 'failed', kind: 'connect', status: 502, message: 'no' })
    expect(cassette?.reply).toBeUndefined()
  })

  test('says that the gateway stopped reading', async () => {
    const { provider, directory } = setUp()
    const reply = await provider.send(attemptOf(provider, BODY))
    reply.body.cancel()
    await provider.close()
    expect(cassettesIn(directory)[0]?.ended).toEqual({ how: 'canceled' })
  })
})

describe('secrets', () => {
  const CANARY = 'sk-canary-0123456789'

  test('of the provider stand nowhere, not even cut or spelt otherwise', async () => {
    const spelt = CANARY.replace('s', '\\u0073')
    const { provider, directory } = setUp({
      script: { chunks: [`{"echo":"${CANARY} sk-can`, 'ary-0123456789"}'] },
      secrets: [CANARY],
    })
    const body = `{"messages":[{"role":"user","content":"${CANARY} ${spelt}"}]}`
    const { body: answer } = await receive(provider, attemptOf(provider, body))
    await provider.close()
    expect(answer.toString()).toContain(CANARY)
    const [text = ''] = textsIn(directory)
    expect(text).not.toContain(CANARY)
    expect(text).not.toContain('0123456789')
    expect(text.match(/\[redacted\]/g)).toHaveLength(4)
  })

  test('of the provider stand in no message of a failure', async () => {
    const refusal = new GatewayError(`bad key ${CANARY}`, { kind: 'auth', status: 401 })
    const { provider, directory } = setUp({ script: { refusal }, secrets: [CANARY] })
    await expect(provider.send(attemptOf(provider, BODY))).rejects.toBe(refusal)
    await provider.close()
    expect(textsIn(directory).join()).not.toContain(CANARY)
  })

  test('of the client stand nowhere; headers of its dialect do', async () => {
    const directory = temporaryDirectory()
    const provider = recordTraffic(scriptedProvider(anthropicMessages, { chunks: ['{}'] }), {
      path: directory,
      route: 'r',
      target: 't',
    })
    const { headers = {} } = makeChat(BODY, {
      dialect: anthropic,
      path: '/v1/messages',
      headers: {
        'x-api-key': CANARY,
        authorization: `Bearer ${CANARY}`,
        cookie: CANARY,
        'anthropic-beta': 'context-1m-2025-08-07',
      },
    })
    await receive(provider, attemptOf(provider, BODY, { headers: { ...headers, 'x-api-key': CANARY } }))
    await provider.close()
    const [text = ''] = textsIn(directory)
    expect(text).not.toContain('canary')
    expect(cassettesIn(directory)[0]?.request.headers).toEqual({ 'anthropic-beta': 'context-1m-2025-08-07' })
  })
})

describe('bounds', () => {
  test('an exchange that is too large is kept without its answer, which the client gets whole', async () => {
    const chunks = Array.from({ length: 10 }, () => 'x'.repeat(200))
    const { provider, directory } = setUp({ script: { chunks }, settings: { maxBytes: 1024 } })
    const { body } = await receive(provider, attemptOf(provider, BODY))
    await provider.close()
    expect(body).toHaveLength(2000)
    const [cassette] = cassettesIn(directory)
    expect(cassette).toMatchObject({ truncated: true, reply: { status: 200, chunks: [] } })
    expect(cassette?.request.body).toBeDefined()
  })

  test('a request that is too large is not kept either', async () => {
    const { provider, directory } = setUp({ settings: { maxBytes: 1024 } })
    await receive(provider, attemptOf(provider, `{"a":"${'x'.repeat(2000)}"}`))
    await provider.close()
    const [cassette] = cassettesIn(directory)
    expect(cassette?.truncated).toBe(true)
    expect(cassette?.request.body).toBeUndefined()
  })

  test('many exchanges at once are all written, or dropped and counted', async () => {
    const { provider, directory, warn } = setUp()
    const count = 300
    const attempts = Array.from({ length: count }, () => receive(provider, attemptOf(provider, BODY)))
    const received = await Promise.all(attempts)
    await provider.close()
    expect(received.every(({ body }) => body.toString() === ANSWER)).toBe(true)
    const { written, dropped, failed } = provider.recorded
    expect([written + dropped, failed]).toEqual([count, 0])
    expect(cassettesIn(directory)).toHaveLength(written)
    expect(warn.mock.calls.length).toBeLessThanOrEqual(1)
  })
})

describe('a disk that cannot be written', () => {
  test.each(['a file in the place of the directory', 'a directory without permission'])(
    'is no matter to the client: %s',
    async (obstacle) => {
      const path = join(temporaryDirectory(), 'x')
      if (obstacle.startsWith('a file')) writeFileSync(path, '')
      else {
        mkdirSync(path)
        chmodSync(path, 0o500)
        // The permissions of a directory are nothing to root.
        if (process.getuid?.() === 0) return
      }
      const { provider, warn } = setUp({ settings: { path } })
      for (let i = 0; i < 3; i++) {
        expect((await receive(provider, attemptOf(provider, BODY))).body.toString()).toBe(ANSWER)
      }
      await provider.close()
      expect(provider.recorded).toEqual({ written: 0, dropped: 0, failed: 3 })
      expect(warn).toHaveBeenCalledTimes(1)
      expect(warn.mock.calls[0]?.[0]).toMatch(/could not be written/)
    },
  )
})

describe('the recorded provider', () => {
  test('holds back and lets go as its reader does, and hands on the same chunks', async () => {
    const { provider: inner } = setUp()
    const log: string[] = []
    const chunk = Buffer.from('a')
    const body: ByteSource = {
      flow: (sink) => sink.data(chunk),
      pause: () => void log.push('pause'),
      resume: () => void log.push('resume'),
      cancel: () => void log.push('cancel'),
    }
    const provider = recordTraffic(
      { ...inner, send: () => Promise.resolve({ status: 200, contentType: 'text/plain', body }) },
      { path: temporaryDirectory(), route: 'r', target: 't' },
    )
    const reply = await provider.send(attemptOf(provider, BODY))
    const seen: Buffer[] = []
    reply.body.flow({ data: (bytes) => void seen.push(bytes), end: () => undefined, error: () => undefined })
    reply.body.pause()
    reply.body.resume()
    reply.body.cancel()
    await provider.close()
    expect(seen[0]).toBe(chunk)
    expect(log).toEqual(['pause', 'resume', 'cancel'])
  })

  test('has the name, model, formats and secrets of its own', () => {
    const inner = { ...scriptedProvider(openAiEmbeddings, {}, ['sk-0123456789']), omitsModel: true }
    const provider = recordTraffic(inner, { path: 'x', route: 'r', target: 't' })
    const { name, model, omitsModel, formats, secrets } = inner
    expect(provider).toMatchObject({ name, model, omitsModel })
    expect([provider.formats, provider.secrets]).toEqual([formats, secrets])
    expect(provider).not.toHaveProperty('forward')
  })
})
