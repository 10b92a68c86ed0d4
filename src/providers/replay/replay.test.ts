import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { attemptOf, receive, temporaryDirectory } from '../../../test/support/scripted-provider.ts'
import type { Cassette } from '../../cassettes/cassette.ts'
import { Cancellation } from '../../core/cancel.ts'
import { GatewayError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Provider } from '../../core/provider.ts'
import { anthropicMessages } from '../../dialects/anthropic/index.ts'
import { openAiChat } from '../../dialects/openai/index.ts'
import { replayProvider } from './index.ts'

const definition = replayProvider([openAiChat, anthropicMessages])

afterEach(() => {
  vi.useRealTimers()
})

const BODY: JsonObject = { model: 'm', messages: [{ role: 'user', content: 'hi' }], temperature: 1 }

function cassette(more: Partial<Cassette> = {}): Cassette {
  return {
    version: 1,
    recordedAt: '2026-01-01T00:00:00.000Z',
    route: 'r',
    target: 't',
    provider: 'p',
    model: 'm',
    format: 'openai-chat',
    operation: 'chat',
    stream: false,
    request: { headers: {}, body: { json: BODY } },
    reply: answer('{}'),
    ended: { how: 'complete' },
    ms: { head: 100, firstByte: 150, total: 300 },
    ...more,
  }
}

function answer(...texts: string[]): NonNullable<Cassette['reply']> {
  const chunks = texts.map((text, index) => ({ ms: 150 + 50 * index, text }))
  return { status: 200, headers: { 'content-type': 'application/json' }, chunks }
}

/** A directory of these cassettes, `1.json` and so on. */
function shelve(...cassettes: readonly (Cassette | string)[]): string {
  const path = temporaryDirectory()
  for (const [index, one] of cassettes.entries()) {
    writeFileSync(join(path, `${index + 1}.json`), typeof one === 'string' ? one : JSON.stringify(one))
  }
  return path
}

function replay(path: string, config: JsonObject = {}): Provider {
  return definition.create({ model: null, config: { path, ...config } })
}

async function bodyOf(provider: Provider, body: JsonObject = BODY): Promise<string> {
  return (await receive(provider, attemptOf(provider, JSON.stringify(body)))).body.toString()
}

describe('a request', () => {
  test('gets the answers to it in turn, and then from the first again', async () => {
    const provider = replay(shelve(cassette({ reply: answer('1') }), cassette({ reply: answer('2') })))
    const bodies = [await bodyOf(provider), await bodyOf(provider), await bodyOf(provider)]
    expect(bodies).toEqual(['1', '2', '1'])
  })

  test('may name another model and another user', async () => {
    const provider = replay(shelve(cassette()))
    expect(await bodyOf(provider, { ...BODY, model: 'other', user: 'u' })).toBe('{}')
  })

  test('without a cassette is told how the nearest one differs, and nothing of what it says', async () => {
    const far = cassette({ request: { headers: {}, body: { json: { messages: [], a: 1, b: 2 } } } })
    const provider = replay(shelve(far, cassette()))
    const body = { ...BODY, messages: [{ role: 'user', content: 'private' }], seed: 7 }
    await expect(bodyOf(provider, body)).rejects.toMatchObject({
      kind: 'not_found',
      status: 404,
      message:
        'No cassette holds this request (openai-chat, whole). The nearest is 2.json: it differs in messages[0], seed.',
    })
  })

  test('is told that only the stream is missing', async () => {
    const provider = replay(shelve(cassette()))
    const sent = provider.send(attemptOf(provider, JSON.stringify(BODY), { stream: true }))
    await expect(sent).rejects.toThrow(/The nearest is 1\.json: it is not streamed\.$/)
  })

  test('gets the nearest answer, where that is wanted', async () => {
    const provider = replay(shelve(cassette()), { on_miss: 'nearest' })
    expect(await bodyOf(provider, { ...BODY, temperature: 0 })).toBe('{}')
  })

  test('learns when its cassette is gone', async () => {
    const path = shelve(cassette())
    const provider = replay(path)
    writeFileSync(join(path, '1.json'), '')
    await expect(bodyOf(provider)).rejects.toMatchObject({ kind: 'internal' })
  })
})

test('the formats and the model are those of the cassettes', () => {
  const other = cassette({ format: 'anthropic-messages' })
  expect(replay(shelve(other, cassette())).formats).toEqual([anthropicMessages, openAiChat])
  expect(replay(shelve(cassette())).model).toBe('m')
  expect(replay(shelve(cassette(), cassette({ model: 'n' }))).model).toBeNull()
  expect(definition.create({ model: 'mine', config: { path: shelve(cassette()) } }).model).toBe('mine')
})

describe('a directory', () => {
  const tooLarge = cassette({ truncated: true })

  test.each([
    ['without a cassette', shelve, 'it holds no cassette; a route with "record" writes some'],
    ['with another file', () => shelve('{'), '1.json is no cassette: it is not JSON'],
    [
      'with an unknown format',
      () => shelve(cassette({ format: 'own' })),
      '1.json is in the format "own", which only its own provider knows',
    ],
    [
      'of too large exchanges',
      () => shelve(tooLarge),
      'all exchanges in it were too large to be kept; record with a larger "max_bytes"',
    ],
    [
      'that is not there',
      () => join(temporaryDirectory(), 'x'),
      'there is no such directory; a relative path begins where the gateway was started',
    ],
  ])('%s is a mistake in the configuration', (_what, make, message) => {
    const path = make()
    expect(definition.check?.({ path }, null)).toEqual([
      { path: ['path'], message: `"${path}" cannot be replayed: ${message}` },
    ])
  })

  test('of the examples can be replayed', async () => {
    const provider = replay(fileURLToPath(new URL('../../../examples/cassettes', import.meta.url)))
    const messages = [{ role: 'user', content: 'What is a cassette?' }]
    const whole = await bodyOf(provider, { model: 'chat', messages })
    expect(JSON.parse(whole).choices[0].message.content).toBe('A recorded exchange with a model.')
    const attempt = attemptOf(provider, JSON.stringify({ messages }), { stream: true })
    expect((await receive(provider, attempt)).chunks.length).toBeGreaterThan(5)
  })

  test('may hold exchanges that were too large beside others', () => {
    expect(definition.check?.({ path: shelve(tooLarge, cassette()) }, null)).toEqual([])
  })
})

/** Files are read in real time. */
const realTurn = setImmediate

describe('recorded timing', () => {
  const stream = cassette({ reply: answer('a', 'b', 'c') })

  /** Reads the file with real time, and the rest with the fake one. */
  async function begin(config: JsonObject = { timing: 'recorded' }): Promise<{
    log: string[]
    reply: ReturnType<Provider['send']>
    provider: Provider
    signal: Cancellation
  }> {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'performance', 'setImmediate', 'clearImmediate'],
    })
    const provider = replay(shelve(stream), config)
    const signal = new Cancellation()
    const log: string[] = []
    const reply = provider.send(attemptOf(provider, JSON.stringify(BODY), { signal }))
    reply.then(
      () => log.push('head'),
      (error: unknown) => log.push(error instanceof GatewayError ? error.kind : 'error'),
    )
    while (vi.getTimerCount() === 0) await new Promise((resolve) => realTurn(resolve))
    return { log, reply, provider, signal }
  }

  test('is kept: head and chunks come when they came', async () => {
    const { log, reply } = await begin()
    await vi.advanceTimersByTimeAsync(99)
    expect(log).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(log).toEqual(['head'])
    const { body } = await reply
    body.flow({
      data: (chunk) => void log.push(String(chunk)),
      end: () => void log.push('end'),
      error: () => undefined,
    })
    await vi.advanceTimersByTimeAsync(49)
    expect(log).toEqual(['head'])
    await vi.advanceTimersByTimeAsync(2)
    expect(log).toEqual(['head', 'a'])
    await vi.advanceTimersByTimeAsync(50)
    expect(log).toEqual(['head', 'a', 'b'])
    await vi.advanceTimersByTimeAsync(51)
    expect(log).toEqual(['head', 'a', 'b', 'c', 'end'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('waits no longer than the client', async () => {
    const { log, signal } = await begin()
    signal.abort(new GatewayError('left', { kind: 'canceled', status: 499 }))
    await vi.advanceTimersByTimeAsync(0)
    expect(log).toEqual(['canceled'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends with the configuration', async () => {
    const { log, provider } = await begin()
    await provider.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(log).toEqual(['draining'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
