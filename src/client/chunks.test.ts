import { describe, expect, test } from 'vitest'
import { eventStream, gate, json, startScriptedServer, type Answer } from '../../test/scripted-server.ts'
import {
  GatewayConnectionError,
  GatewayRequestError,
  GatewayTimeoutError,
  MlflowGatewayClient,
  type ChatChunk,
} from './index.ts'

const QUESTION = { messages: [{ role: 'user', content: 'hi' }] }

function chunk(content: string, finishReason: string | null = null): ChatChunk {
  const choices = [{ index: 0, delta: { content }, finish_reason: finishReason }]
  return { id: '1', object: 'chat.completion.chunk', created: 1, model: 'm', choices }
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

const ANSWER = event(chunk('Grüße ')) + event(chunk('🙂')) + event(chunk('', 'stop'))

async function clientOf(answer: Answer): Promise<MlflowGatewayClient> {
  const server = await startScriptedServer(answer)
  return new MlflowGatewayClient({ gatewayUri: server.uri, sleep: async () => {} })
}

/** The text of a stream and what it threw in the end. */
async function readStream(client: MlflowGatewayClient): Promise<{ text: string; error: unknown }> {
  let text = ''
  try {
    for await (const { choices } of client.queryStream('chat', QUESTION)) {
      text += choices[0]?.delta.content ?? ''
    }
  } catch (error) {
    return { text, error }
  }
  return { text, error: undefined }
}

describe('a stream', () => {
  test('asks for itself and gives the chunks', async () => {
    const server = await startScriptedServer(eventStream(ANSWER))
    const client = new MlflowGatewayClient(server.uri)
    const chunks: ChatChunk[] = []
    for await (const one of client.queryStream('chat', QUESTION)) chunks.push(one)
    expect(chunks).toEqual([chunk('Grüße '), chunk('🙂'), chunk('', 'stop')])
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ ...QUESTION, stream: true })
    expect(server.seen[0]?.headers.accept).toBe('text/event-stream')
  })

  test('is the same when every byte comes alone', async () => {
    const bytes = Buffer.from(`: hello\r\n\r\n${ANSWER.replaceAll('\n', '\r\n')}data: [DONE]\r\n\r\n`)
    // A socket would join the bytes again.
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at++) controller.enqueue(bytes.subarray(at, at + 1))
        controller.close()
      },
    })
    const fetch = async (): Promise<Response> =>
      new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const client = new MlflowGatewayClient({ gatewayUri: 'http://localhost', fetch })
    expect(await readStream(client)).toEqual({ text: 'Grüße 🙂', error: undefined })
  })

  test('gives a chunk as soon as it is there', async () => {
    const secondAsked = gate()
    const client = await clientOf((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      response.write(event(chunk('one')))
      void secondAsked.opened.then(() => response.end(event(chunk('two', 'stop'))))
    })
    const stream = client.queryStream('chat', QUESTION)
    expect(await stream.next()).toEqual({ value: chunk('one'), done: false })
    secondAsked.open()
    expect(await stream.next()).toEqual({ value: chunk('two', 'stop'), done: false })
    expect(await stream.next()).toEqual({ value: undefined, done: true })
  })

  test('is whole with a finish reason, with [DONE], and without an empty line at its end', async () => {
    const unfinished = event(chunk('a'))
    for (const body of [
      `${unfinished}data: [DONE]\n\n`,
      `${unfinished}data: [DONE]`,
      event(chunk('a', 'length')).trimEnd(),
    ]) {
      expect(await readStream(await clientOf(eventStream(body)))).toEqual({ text: 'a', error: undefined })
    }
  })

  test.each([
    ['between two events', event(chunk('a'))],
    ['inside an event', event(chunk('a')) + 'data: {"id":"1","cho'],
  ])('throws when it ends early %s', async (_, body) => {
    const { text, error } = await readStream(await clientOf(eventStream(body)))
    expect(text).toBe('a')
    expect(error).toBeInstanceOf(GatewayConnectionError)
    expect(error).toHaveProperty('message', expect.stringContaining('ended before the answer was whole'))
  })

  test('throws when its connection breaks, and is not begun again', async () => {
    const server = await startScriptedServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event(chunk('a')), () => response.destroy())
    })
    const { error } = await readStream(new MlflowGatewayClient(server.uri))
    expect(error).toBeInstanceOf(GatewayConnectionError)
    expect(error).toHaveProperty('message', expect.stringContaining('broke off'))
    expect(server.seen).toHaveLength(1)
  })

  test('throws an error event with what it says', async () => {
    const failed = { error: { message: 'the provider left', type: 'upstream', code: 502 } }
    const { text, error } = await readStream(await clientOf(eventStream(event(chunk('a')) + event(failed))))
    expect(text).toBe('a')
    expect(error).toBeInstanceOf(GatewayRequestError)
    expect(error).toMatchObject({ status: 502, body: failed, detail: 'the provider left' })
  })

  test('throws the status of the stream for an error event without one', async () => {
    const { error } = await readStream(await clientOf(eventStream(event({ error: 'no' }))))
    expect(error).toMatchObject({ name: 'GatewayRequestError', status: 200, detail: 'no' })
  })

  test('throws an event that is not JSON', async () => {
    const { error } = await readStream(await clientOf(eventStream('data: <html>\n\n', ANSWER)))
    expect(error).toMatchObject({ name: 'GatewayRequestError', status: 200, body: '<html>' })
  })

  test('throws the answer of a route that does not stream', async () => {
    const { error } = await readStream(await clientOf(json(200, { candidates: [] })))
    expect(error).toMatchObject({ name: 'GatewayRequestError', status: 200, body: { candidates: [] } })
  })

  test('is retried before it begins, and throws error answers', async () => {
    const server = await startScriptedServer(json(503, {}), eventStream(ANSWER), json(422, { detail: 'bad' }))
    const client = new MlflowGatewayClient({ gatewayUri: server.uri, sleep: async () => {} })
    expect(await readStream(client)).toEqual({ text: 'Grüße 🙂', error: undefined })
    expect((await readStream(client)).error).toMatchObject({ status: 422, detail: 'bad' })
    expect(server.seen).toHaveLength(3)
  })

  test('leaves its connection for other calls', async () => {
    const server = await startScriptedServer(eventStream(ANSWER))
    const client = new MlflowGatewayClient(server.uri)
    for (let call = 0; call < 10; call++) await readStream(client)
    expect(server.connections()).toBeLessThan(4)
  })
})

describe('an endless stream', () => {
  test('ends when the loop is left', async () => {
    const closed = gate()
    const client = await clientOf(endless(closed.open))
    for await (const first of client.queryStream('chat', QUESTION)) {
      expect(first).toEqual(chunk('a'))
      break
    }
    await closed.opened
  })

  test('ends when its signal is aborted, with the reason', async () => {
    const closed = gate()
    const client = await clientOf(endless(closed.open))
    const controller = new AbortController()
    const reason = new Error('enough')
    const stream = client.queryStream('chat', QUESTION, { signal: controller.signal })
    await stream.next()
    const second = stream.next()
    controller.abort(reason)
    await expect(second).rejects.toBe(reason)
    await closed.opened
  })

  test('gives no further chunk once its signal is aborted', async () => {
    const client = await clientOf(eventStream(ANSWER))
    const controller = new AbortController()
    const stream = client.queryStream('chat', QUESTION, { signal: controller.signal })
    await stream.next()
    controller.abort()
    await expect(stream.next()).rejects.toHaveProperty('name', 'AbortError')
  })

  test('times out when it falls silent', async () => {
    const closed = gate()
    const client = await clientOf(endless(closed.open))
    const stream = client.queryStream('chat', QUESTION, { timeoutMs: 200 })
    expect((await stream.next()).value).toEqual(chunk('a'))
    await expect(stream.next()).rejects.toBeInstanceOf(GatewayTimeoutError)
    await closed.opened
  })
})

function endless(onClose: () => void): Answer {
  return (response) => {
    response.on('close', onClose)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(event(chunk('a')))
  }
}
