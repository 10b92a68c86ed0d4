import { describe, expect, test } from 'vitest'
import { makeChat } from '../../test/support/call.ts'
import type { ByteSink, ByteSource } from '../core/bytes.ts'
import { GatewayError } from '../core/error.ts'
import type { Provider } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { openAiChat } from '../dialects/openai/index.ts'
import { openStream, type OpenStream } from './open-stream.ts'

const KEY = 'sk-canary-7f3a'

/** A provider's body that the test plays by hand. */
class ScriptedSource implements ByteSource {
  readonly calls: string[] = []
  #sink: ByteSink | undefined

  flow(sink: ByteSink): void {
    this.#sink = sink
  }
  pause(): void {
    this.calls.push('pause')
  }
  resume(): void {
    this.calls.push('resume')
  }
  cancel(): void {
    this.calls.push('cancel')
  }

  data(...texts: string[]): void {
    for (const text of texts) this.#sink?.data(Buffer.from(text))
  }
  end(): void {
    this.#sink?.end()
  }
  fail(error: GatewayError): void {
    this.#sink?.error(error)
  }
}

/** Keeps what the client is sent. */
class Client implements ByteSink<Buffer | string> {
  text = ''
  readonly ends: string[] = []
  onData: () => void = () => undefined

  data(chunk: Buffer | string): void {
    this.text += chunk.toString()
    this.onData()
  }
  end(): void {
    this.ends.push('end')
  }
  error(): void {
    this.ends.push('error')
  }
}

const PROVIDER: Provider = {
  name: 'openai',
  model: 'm',
  formats: [openAiChat],
  send: () => Promise.reject(new Error('not called')),
  secrets: [new Secret(KEY)],
  close: () => Promise.resolve(),
}

const CHAT = '{"messages":[{"role":"user","content":"hi"}],"stream":true}'

interface Opening {
  upstream: ScriptedSource
  opened: Promise<OpenStream>
  /** Whether the stream was handed on by now. */
  isOpen: () => Promise<boolean>
}

function open(): Opening {
  const upstream = new ScriptedSource()
  const reply = { status: 200, contentType: 'text/event-stream', body: upstream }
  const opened = openStream({
    request: makeChat(CHAT),
    provider: PROVIDER,
    format: openAiChat,
    upstream: reply,
    promptTokens: () => 7,
  })
  let settled = false
  opened.then(
    () => (settled = true),
    () => (settled = true),
  )
  return {
    upstream,
    opened,
    isOpen: async () => {
      await Promise.resolve()
      await Promise.resolve()
      return settled
    },
  }
}

function delta(content: object, reason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: content, finish_reason: reason }] })}\n\n`
}

const ROLE = delta({ role: 'assistant', content: '' })
const HI = delta({ content: 'Hi' })
const STOP = delta({}, 'stop')
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":3}}\n\n'
const DONE = 'data: [DONE]\n\n'

function errorEvent(message: string, type: string): string {
  return `data: ${JSON.stringify({ error: { message, type } })}\n\n`
}

describe('before the first content', () => {
  test('nothing is handed on; then all of it at once, in order', async () => {
    const { upstream, opened, isOpen } = open()
    upstream.data(': wait\n\n', ROLE, HI.slice(0, 10))
    expect(await isOpen()).toBe(false)
    upstream.data(HI.slice(10))
    const client = new Client()
    const { source } = await opened
    source.flow(client)
    expect(client.text).toBe(`: wait\n\n${ROLE}${HI}`)
    upstream.data(STOP)
    expect(client.text).toBe(`: wait\n\n${ROLE}${HI}${STOP}`)
    expect(client.ends).toEqual([])
  })

  test("a failure of the connection is the caller's", async () => {
    const { upstream, opened } = open()
    const error = new GatewayError('gone', { kind: 'truncated', status: 502 })
    upstream.data(ROLE)
    upstream.fail(error)
    await expect(opened).rejects.toMatchObject({ message: 'gone', kind: 'truncated', status: 502 })
  })

  test("an error event is the caller's, without our secrets, and the provider is let go", async () => {
    const { upstream, opened } = open()
    upstream.data(ROLE + errorEvent(`Not with ${KEY}.`, 'x'))
    await expect(opened).rejects.toMatchObject({ message: 'Not with [redacted].', status: 502 })
    expect(upstream.calls).toEqual(['cancel'])
  })

  test('garbage is a bad response', async () => {
    const { upstream, opened } = open()
    upstream.data('data: <html>\n\n')
    await expect(opened).rejects.toMatchObject({ kind: 'bad_response', status: 502 })
    expect(upstream.calls).toEqual(['cancel'])
  })

  test.each([[[]], [[ROLE]], [[HI.slice(0, 10)]]])('an end after %j is a failure', async (pieces) => {
    const { upstream, opened } = open()
    upstream.data(...pieces)
    upstream.end()
    await expect(opened).rejects.toMatchObject({ status: 502, retryable: true })
  })

  test('an event without end is cut off', async () => {
    const { upstream, opened } = open()
    const mebibyte = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 17; i++) upstream.data(mebibyte)
    await expect(opened).rejects.toMatchObject({ kind: 'bad_response', status: 502 })
    expect(upstream.calls).toEqual(['cancel'])
  })
})

describe('after the first content', () => {
  async function opening(): Promise<{ upstream: ScriptedSource; stream: OpenStream; client: Client }> {
    const { upstream, opened } = open()
    upstream.data(ROLE, HI)
    const stream = await opened
    const client = new Client()
    stream.source.flow(client)
    client.text = ''
    return { upstream, stream, client }
  }

  test("a proper end ends the client's stream, and the usage is known", async () => {
    const { upstream, stream, client } = await opening()
    upstream.data(STOP + USAGE, DONE)
    upstream.end()
    expect(client).toMatchObject({ text: STOP, ends: ['end'] })
    await expect(stream.finished).resolves.toEqual({
      finishReasons: ['stop'],
      usage: { inputTokens: 3, outputTokens: 1 },
      isEstimated: true,
    })
  })

  test('an end without the end marker is told in the stream', async () => {
    const { upstream, stream, client } = await opening()
    upstream.end()
    expect(client.text).toBe(
      errorEvent("The provider's stream ended before its answer was complete.", 'truncated'),
    )
    expect(client.ends).toEqual(['end'])
    await expect(stream.finished).resolves.toMatchObject({ error: { kind: 'truncated' } })
  })

  test('a broken connection is told in the stream', async () => {
    const { upstream, stream, client } = await opening()
    upstream.fail(new GatewayError(`gone ${KEY}`, { kind: 'timeout', status: 504 }))
    expect(client).toMatchObject({ text: errorEvent('gone [redacted]', 'timeout'), ends: ['end'] })
    await expect(stream.finished).resolves.toMatchObject({ error: { kind: 'timeout' } })
  })

  test('an error event comes after what stood before it, and ends all', async () => {
    const { upstream, stream, client } = await opening()
    upstream.data(`${HI}data: {"error":{"message":"Overloaded."}}\n\n${HI}`)
    upstream.data(HI)
    upstream.end()
    expect(client).toMatchObject({ text: HI + errorEvent('Overloaded.', 'server_error'), ends: ['end'] })
    expect(upstream.calls).toEqual(['cancel'])
    await expect(stream.finished).resolves.toMatchObject({ error: { message: 'Overloaded.' } })
  })

  test('back-pressure reaches the provider', async () => {
    const { upstream, stream } = await opening()
    stream.source.pause()
    stream.source.resume()
    expect(upstream.calls).toEqual(['pause', 'resume'])
  })

  test('a client that hangs up once it has the last event was answered', async () => {
    const { upstream, stream } = await opening()
    upstream.data(STOP + USAGE, DONE)
    upstream.fail(new GatewayError('left', { kind: 'canceled', status: 499 }))
    await expect(stream.finished).resolves.toEqual({
      finishReasons: ['stop'],
      usage: { inputTokens: 3, outputTokens: 1 },
      isEstimated: true,
    })
  })

  test('a client that hangs up before was not', async () => {
    const { upstream, stream } = await opening()
    upstream.data(HI, 'data: {"choices": [\n\n')
    upstream.fail(new GatewayError('left', { kind: 'canceled', status: 499 }))
    await expect(stream.finished).resolves.toMatchObject({ error: { kind: 'canceled' } })
  })

  test('a cancel stops the provider once, and nothing comes after it', async () => {
    const { upstream, stream, client } = await opening()
    stream.source.cancel()
    stream.source.cancel()
    upstream.data(HI, STOP, DONE)
    upstream.end()
    upstream.fail(new GatewayError('late', { kind: 'connect', status: 502 }))
    expect(upstream.calls).toEqual(['cancel'])
    expect(client).toMatchObject({ text: '', ends: [] })
    await expect(stream.finished).resolves.toMatchObject({ error: { kind: 'canceled', status: 499 } })
  })

  test.each([
    [
      'a chunk that also holds an error',
      (upstream: ScriptedSource): void => upstream.data(`${HI}data: {"error":{"message":"x"}}\n\n`),
    ],
    [
      'the last bytes',
      (upstream: ScriptedSource): void => {
        upstream.data(STOP.trimEnd())
        upstream.end()
      },
    ],
  ])('a client that leaves in the middle of %s is sent nothing more', async (_what, play) => {
    const { upstream, stream, client } = await opening()
    client.onData = (): void => {
      client.onData = (): void => undefined
      stream.source.cancel()
      client.text = ''
    }
    play(upstream)
    expect(client).toMatchObject({ text: '', ends: [] })
  })
})

test('a stream that ended before its client took it is still whole', async () => {
  const { upstream, opened } = open()
  upstream.data(ROLE + HI + STOP + DONE)
  upstream.end()
  const { source, finished } = await opened
  const client = new Client()
  source.flow(client)
  expect(client).toMatchObject({ text: ROLE + HI + STOP, ends: ['end'] })
  await expect(finished).resolves.toEqual({
    usage: { inputTokens: 7, outputTokens: 1 },
    isEstimated: true,
    finishReasons: ['stop'],
  })
})

test('a stream that failed before its client took it says so', async () => {
  const { upstream, opened } = open()
  upstream.data(ROLE + HI)
  upstream.end()
  const { source } = await opened
  const client = new Client()
  source.flow(client)
  expect(client.ends).toEqual(['end'])
  expect(client.text).toContain('"type":"truncated"')
})
