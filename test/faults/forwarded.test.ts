import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { waitFor } from '../support/wait.ts'

const KEY = 'sk-canary-forwarded-7f3a'
const CLIENT_KEY = 'client-canary-1b2c'

interface Arrived {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
  isComplete: boolean
  isBroken: boolean
}

type Answer = (request: IncomingMessage, response: ServerResponse, arrived: Arrived) => void

const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** What the provider does at each path; the whole body has arrived, but where it is said otherwise. */
const ANSWERS: Record<string, Answer> = {
  '/v1/files': (_request, response) =>
    json(response, 201, { id: 'f1' }, { 'x-request-id': 'up-1', 'set-cookie': 'a=b' }),
  '/v1/echo-key': (_request, response) => json(response, 400, { error: { message: `bad key ${KEY}` } }),
  '/v1/wrong-key': (_request, response) => json(response, 401, { error: { message: `wrong key ${KEY}` } }),
  '/v1/elsewhere': (_request, response) => json(response, 302, {}, { location: 'http://127.0.0.1:9/away' }),
  '/v1/images/generations': (_request, response) =>
    json(response, 200, {
      created: 1,
      data: [{ b64_json: 'AAAA' }],
      usage: {
        input_tokens: 3,
        output_tokens: 5,
        total_tokens: 8,
        input_tokens_details: { image_tokens: 1, text_tokens: 2 },
      },
    }),
  '/v1/audio/speech': (_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' })
    response.end(Buffer.from([0xff, 0xfb, 0x00, 0x80]))
  },
  '/v1/audio/transcriptions': (_request, response) => json(response, 200, { text: 'hello' }),
  '/v1/images/edits': (_request, response) => json(response, 200, { created: 1, data: [] }),
  '/v1/moderations': (_request, response) =>
    json(response, 200, { id: 'modr-1', model: 'omni', results: [] }),
}

const arrivals: Arrived[] = []
let answerEarly = false
const upstream = createServer((request, response) => {
  const arrived: Arrived = {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    body: '',
    isComplete: false,
    isBroken: false,
  }
  arrivals.push(arrived)
  if (request.url === '/v1/full') return json(response, 413, { error: { message: 'too large' } })
  const answer = ANSWERS[(request.url ?? '').split('?')[0] ?? '']
  request.setEncoding('latin1').on('data', (text: string) => {
    arrived.body += text
    if (answerEarly && !response.headersSent) {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('early;')
    }
  })
  request.on('end', () => {
    arrived.isComplete = true
    if (answerEarly) response.end('late')
    else if (answer) answer(request, response, arrived)
    else json(response, 404, { error: { message: 'no such path' } })
  })
  request.on('close', () => (arrived.isBroken = !arrived.isComplete))
  request.on('error', () => undefined)
})

let gateway: Gateway

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  const route = (name: string, type: string): string =>
    `  - {name: ${name}, type: ${type}, model: {provider: openai, name: real-${name}, config: {openai_api_key: ${KEY}, openai_api_base: "http://127.0.0.1:${port}/v1"}}}\n`
  gateway = await Gateway.start(
    `routes:\n${route('chat', 'llm/v1/chat')}${route('pictures', 'llm/v1/images')}${route('sound', 'llm/v1/audio')}${route('safety', 'llm/v1/moderations')}${route('away', 'llm/v1/audio').replace(`:${port}/`, ':9/')}`,
    { workers: 1 },
  )
})

afterAll(async () => {
  await gateway.stop()
  upstream.closeAllConnections()
  upstream.close()
})

beforeEach(() => {
  arrivals.length = 0
  answerEarly = false
})

function last(): Arrived {
  const arrived = arrivals.at(-1)
  if (!arrived) throw new Error('nothing arrived')
  return arrived
}

describe('a raw request', () => {
  it('reaches the provider as it is, with our credential and without the client’s', async () => {
    const answer = await ask(`${gateway.url}/proxy/chat/files?purpose=x&key=${CLIENT_KEY}&b=%2F`, {
      method: 'PUT',
      body: '{"big":12345678901234567890}',
      headers: {
        authorization: `Bearer ${CLIENT_KEY}`,
        'x-api-key': CLIENT_KEY,
        cookie: `session=${CLIENT_KEY}`,
        'x-custom': 'kept',
      },
    })
    expect(answer).toMatchObject({ status: 201, text: '{"id":"f1"}' })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(last()).toMatchObject({
      method: 'PUT',
      url: '/v1/files?purpose=x&b=%2F',
      body: '{"big":12345678901234567890}',
      headers: { authorization: `Bearer ${KEY}`, 'x-custom': 'kept', 'content-length': '28' },
    })
    expect(JSON.stringify(last())).not.toContain(CLIENT_KEY)
    expect(gateway.stdout).not.toContain(CLIENT_KEY)
  })

  it('may repeat the version that the base URL ends in', async () => {
    await ask(`${gateway.url}/proxy/chat/v1/files`)
    expect(last()).toMatchObject({ method: 'GET', url: '/v1/files', body: '' })
  })

  it('streams both ways', async () => {
    answerEarly = true
    let received = ''
    const sending = httpRequest(`${gateway.url}/proxy/chat/upload`, { method: 'POST' })
    sending.on('response', (response) =>
      response.setEncoding('utf8').on('data', (text: string) => (received += text)),
    )
    sending.write('first')
    await waitFor('the answer to begin before the request has ended', () => received === 'early;')
    expect(last()).toMatchObject({ body: 'first', isComplete: false })
    sending.end('second')
    await waitFor('the rest', () => received === 'early;late')
    expect(last().body).toBe('firstsecond')
  })

  it.each([
    '../admin',
    'a/%2e%2e/b',
    'a/..',
    '%2E%2E/x',
    String.raw`a\b`,
    'a//b',
    '..%2fadmin',
    'a%2f..%2fb',
    'a/..;/b',
    '%2f/a',
    '%252e%252e/a',
  ])('cannot leave the base URL: %s', async (path) => {
    const answer = await new Promise<number>((resolve, reject) => {
      const { port } = new URL(gateway.url)
      httpRequest({ host: '127.0.0.1', port, path: `/proxy/chat/${path}` }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
    expect(answer).toBe(400)
    expect(arrivals).toEqual([])
  })

  it('has the whole path below the first name of a route', async () => {
    await ask(`${gateway.url}/proxy/chat/gateway/proxy/chat/files`)
    expect(last().url).toBe('/v1/gateway/proxy/chat/files')
  })

  it.each([
    ['answers before it has the whole body', 'chat/full', 413],
    ['cannot be reached', 'away/files', 502],
  ])('has an answer when the provider %s', async (_what, path, status) => {
    const sending = httpRequest(`${gateway.url}/proxy/${path}`, { method: 'POST' })
    const answer = new Promise<number>((resolve, reject) => {
      sending.on('error', reject)
      sending.on('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
    })
    sending.write('first')
    await expect(answer).resolves.toBe(status)
    sending.on('error', () => undefined).destroy()
  })

  it('gets a refusal with our key taken out', async () => {
    const answer = await ask(`${gateway.url}/proxy/chat/echo-key`)
    expect(answer).toMatchObject({ status: 400, text: '{"error":{"message":"bad key [redacted]"}}' })
  })

  it('is not told that its own key is wrong when ours is', async () => {
    const answer = await ask(`${gateway.url}/proxy/chat/wrong-key`)
    expect(answer.status).toBe(502)
    expect(answer.text).not.toContain(KEY)
  })

  it('is not sent elsewhere', async () => {
    const answer = await ask(`${gateway.url}/proxy/chat/elsewhere`)
    expect(answer.status).toBe(302)
    expect(answer.headers.location).toBeUndefined()
  })

  it('needs a route', async () => {
    await expect(ask(`${gateway.url}/proxy/none/files`)).resolves.toMatchObject({ status: 404 })
  })
})

describe("OpenAI's other APIs, through its SDK", () => {
  const client = (): OpenAI => new OpenAI({ apiKey: CLIENT_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })

  it('make pictures, and count their tokens', async () => {
    const { data, response } = await client()
      .images.generate({ model: 'pictures', prompt: 'a cat' })
      .withResponse()
    expect(data.data?.[0]?.b64_json).toBe('AAAA')
    expect(JSON.parse(last().body)).toEqual({ model: 'real-pictures', prompt: 'a cat' })
    await expect(gateway.requestLine(response.headers.get('x-request-id'))).resolves.toMatchObject({
      route: 'pictures',
      input_tokens: 3,
      output_tokens: 5,
    })
  })

  it('speak, in bytes', async () => {
    const speech = await client().audio.speech.create({ model: 'sound', voice: 'alloy', input: 'hi' })
    expect(speech.headers.get('content-type')).toBe('audio/mpeg')
    expect([...new Uint8Array(await speech.arrayBuffer())]).toEqual([0xff, 0xfb, 0x00, 0x80])
  })

  it('write down what was said, whatever the order of the form', async () => {
    const file = await toFile(Buffer.from('RIFF....'), 'a.wav', { type: 'audio/wav' })
    const { text } = await client().audio.transcriptions.create({ file, model: 'sound', language: 'en' })
    expect(text).toBe('hello')
    expect(last().body).toContain('real-sound')
    expect(last().body).toContain('RIFF....')
    expect(last().headers['content-type']).toMatch(/^multipart\/form-data; ?boundary=/)
  })

  it('edit pictures', async () => {
    const image = await toFile(Buffer.from('PNG'), 'a.png', { type: 'image/png' })
    await client().images.edit({ image, model: 'pictures', prompt: 'x' })
    expect(last()).toMatchObject({ url: '/v1/images/edits', isComplete: true })
  })

  it('moderate', async () => {
    const { id } = await client().moderations.create({ model: 'safety', input: 'x' })
    expect(id).toBe('modr-1')
  })

  it('are refused on a route of another type', async () => {
    await expect(client().images.generate({ model: 'chat', prompt: 'x' })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("The route 'chat' is of type llm/v1/chat"),
    })
  })
})

describe('an upload', () => {
  const BOUNDARY = 'b0'
  const field = (name: string, value: string): string =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const FILE = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="model"\r\n\r\n`
  const END = `\r\n--${BOUNDARY}--\r\n`
  const url = (): string => `${gateway.url}/v1/audio/transcriptions`
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }

  it('is sent on while it arrives, once the model is known', async () => {
    const sending = httpRequest(url(), { method: 'POST', headers })
    const status = new Promise<number>((resolve) => {
      sending.on('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
    })
    sending.write(field('model', 'sound') + FILE + 'first ')
    await waitFor('the first bytes at the provider', () => arrivals.at(-1)?.body.includes('first '))
    expect(last().isComplete).toBe(false)
    sending.end(`second${END}`)
    expect(await status).toBe(200)
    expect(last().body).toBe(`${field('model', 'real-sound')}${FILE}first second${END}`)
  })

  it('says how long it is, when the client does', async () => {
    const body = FILE + 'RIFF\r\n' + field('model', 'sound') + END.trimStart()
    const answer = await ask(url(), { body, headers })
    expect(answer.status).toBe(200)
    expect(last().headers['content-length']).toBe(String(body.length + 'real-'.length))
  })

  it('that breaks off breaks off at the provider', async () => {
    const sending = httpRequest(url(), { method: 'POST', headers })
    sending.on('error', () => undefined)
    sending.write(field('model', 'sound') + FILE + 'first ')
    await waitFor('the first bytes at the provider', () => arrivals.at(-1)?.body.includes('first '))
    sending.destroy()
    await waitFor('the end at the provider', () => last().isBroken)
    expect(last()).toMatchObject({ isComplete: false, body: expect.not.stringContaining(END) })
  })

  it.each([
    ['without a model', FILE + 'x' + END, 400],
    ['for a route that is not there', field('model', 'none') + FILE + 'x' + END, 404],
  ])('%s is refused', async (_how, body, status) => {
    const answer = await ask(url(), { body, headers })
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toMatchObject({ error: { message: expect.any(String) } })
    expect(arrivals).toEqual([])
  })

  it('that is no form is refused', async () => {
    await expect(ask(url(), { body: '{}' })).resolves.toMatchObject({ status: 415 })
  })
})
