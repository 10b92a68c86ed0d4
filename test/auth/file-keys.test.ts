import Anthropic from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import { CohereClientV2, CohereError } from 'cohere-ai'
import { writeFile } from 'node:fs/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, chatBody, RawConnection, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { waitFor } from '../support/wait.ts'

const KEYS = {
  ALL: 'canary-all-0123456789abcdef',
  CHAT: 'canary-chat-0123456789abcdef',
  EXPIRED: 'canary-expired-0123456789abcdef',
  DISABLED: 'canary-disabled-0123456789abcdef',
}

const YAML = `
auth:
  keys:
    - { name: all, key: $ALL, user: ann, team: search }
    - { name: chat only, key: $CHAT, routes: [chat] }
    - { name: old, key: $EXPIRED, expires: 2020-01-01 }
    - { name: off, key: $DISABLED, enabled: false }
routes:
  - { name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }
  - { name: secret-route, type: llm/v1/chat, model: { provider: mock, name: m } }
`

let gateway: Gateway

beforeAll(async () => {
  gateway = await Gateway.start(YAML, { workers: 1, env: { ...KEYS, MLFLOW_GATEWAY_DATA_DIR: 'none' } })
})
afterAll(() => gateway.stop())

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` }
}

function chat(headers: Record<string, string>, model = 'chat'): Promise<Answer> {
  return ask(`${gateway.url}/v1/chat/completions`, { body: chatBody('Hello', { model }), headers })
}

describe('a good key', () => {
  test.each(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'])('is taken from %s', async (name) => {
    const value = name === 'authorization' ? `Bearer ${KEYS.ALL}` : KEYS.ALL
    expect((await chat({ [name]: value })).status).toBe(200)
  })

  test("is taken from the query on Gemini's paths, and on no other", async () => {
    const contents = [{ parts: [{ text: 'Hello' }] }]
    const query = `?key=${KEYS.ALL}`
    const gemini = await ask(`${gateway.url}/v1beta/models/chat:generateContent${query}`, {
      body: { contents },
    })
    expect(gemini.status).toBe(200)
    const openai = await ask(`${gateway.url}/v1/chat/completions${query}`, {
      body: chatBody('Hello', { model: 'chat' }),
    })
    expect(openai.status).toBe(401)
  })

  test('is named in the log by its id, never in the clear', async () => {
    const { headers } = await chat(bearer(KEYS.ALL))
    expect(await gateway.requestLine(headers['x-request-id'])).toMatchObject({
      key: 'file:all',
      user: 'ann',
      team: 'search',
    })
  })
})

describe('a bad key', () => {
  test('is answered in the same words, whatever is wrong with it; the log says what', async () => {
    const bad = [
      undefined,
      'wrong',
      KEYS.EXPIRED,
      KEYS.DISABLED,
      KEYS.ALL.slice(0, 20),
      `${KEYS.ALL}x`,
      'mgw_x',
    ]
    const answers = await Promise.all(bad.map((key) => chat(key === undefined ? {} : bearer(key))))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
    const lines = await Promise.all(
      answers.map(({ headers }) => gateway.requestLine(headers['x-request-id'])),
    )
    expect(lines.map(({ refused, key }) => [refused, key])).toEqual([
      ['missing', undefined],
      ['unknown', undefined],
      ['expired', 'file:old'],
      ['disabled', 'file:off'],
      ['unknown', undefined],
      ['unknown', undefined],
      ['unknown', undefined],
    ])
  })

  test.each(['Basic', 'Digest', 'AWS4-HMAC-SHA256', 'Token', ''])(
    'scheme "%s" opens nothing',
    async (scheme) => {
      expect((await chat({ authorization: `${scheme} ${KEYS.ALL}x` })).status).toBe(401)
    },
  )

  test('is refused before the body is read', async () => {
    const connection = await RawConnection.open(gateway.port)
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`
    expect(await connection.status(head)).toBe(401)
    await connection.closed
  })

  test.each([
    ['GET', '/v1/models'],
    ['GET', '/v1beta/models'],
    ['GET', '/api/2.0/endpoints/'],
    ['GET', '/api/2.0/endpoints/chat'],
    ['GET', '/api/2.0/gateway/routes/'],
    ['GET', '/gateway/routes/'],
    ['GET', '/gateway/routes/chat'],
    ['POST', '/gateway/chat/invocations'],
    ['POST', '/gateway/nowhere/invocations'],
    ['POST', '/gateway/ch%61t/invocations'],
    ['POST', '/endpoints/chat/invocations'],
    ['POST', '/v1/chat/completions'],
    ['POST', '/v1/completions'],
    ['POST', '/v1/embeddings'],
    ['POST', '/v1/responses'],
    ['POST', '/v1/messages'],
    ['POST', '/v1/messages/count_tokens'],
    ['POST', '/v1beta/models/chat:generateContent'],
    ['POST', '/v1beta/models/nowhere:generateContent'],
    ['POST', '/v2/chat'],
    ['POST', '/v1/audio/transcriptions'],
    ['POST', '/v1/images/generations'],
    ['GET', '/proxy/chat/models'],
    ['DELETE', '/proxy/nowhere/models'],
  ])('opens no %s %s', async (method, path) => {
    const answer = await ask(`${gateway.url}${path}`, { method, headers: bearer('wrong') })
    expect(answer.status).toBe(401)
    expect(answer.text).not.toMatch(/secret-route/)
  })

  test('cannot tell names of routes from others by wrong methods or slashes', async () => {
    const paths = ['/gateway/NAME/invocations', '/api/2.0/endpoints/NAME/', '/proxy/NAME/x', '//gateway/NAME']
    for (const path of paths) {
      const [one, other] = await Promise.all(
        ['secret-route', 'nowhere-else'].map((name) =>
          ask(`${gateway.url}${path.replace('NAME', name)}`, { method: 'PUT' }),
        ),
      )
      expect([one?.status, one?.text.replaceAll('secret-route', '')]).toEqual([
        other?.status,
        other?.text.replaceAll('nowhere-else', ''),
      ])
    }
  })
})

describe('a key for some routes', () => {
  test('uses those and no other, and cannot tell which others there are', async () => {
    expect((await chat(bearer(KEYS.CHAT))).status).toBe(200)
    for (const name of ['secret-route', 'nowhere']) {
      for (const answer of [
        await chat(bearer(KEYS.CHAT), name),
        await ask(`${gateway.url}/gateway/${name}/invocations`, {
          body: chatBody('Hello'),
          headers: bearer(KEYS.CHAT),
        }),
      ]) {
        expect(answer.status).toBe(403)
        expect(answer.text).toContain(`'${name}'`)
      }
    }
    const refused = await chat(bearer(KEYS.CHAT), 'secret-route')
    expect(refused.headers['x-gateway-route']).toBeUndefined()
  })

  test.each(['/v1/models', '/v1beta/models', '/api/2.0/endpoints/', '/gateway/routes/', '/openapi.json'])(
    'sees those alone in %s',
    async (path) => {
      const [all, some] = await Promise.all(
        [KEYS.ALL, KEYS.CHAT].map((key) => ask(`${gateway.url}${path}`, { headers: bearer(key) })),
      )
      expect(all?.text).toContain('secret-route')
      expect(some?.text).not.toContain('secret-route')
      expect(some?.text).toContain('chat')
    },
  )

  test('is told of another route as of one that is not there', async () => {
    const answers = await Promise.all(
      ['secret-route', 'nowhere'].map((name) =>
        ask(`${gateway.url}/api/2.0/endpoints/${name}`, { headers: bearer(KEYS.CHAT) }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([404, 404])
  })
})

describe('nobody in particular', () => {
  test('sees health and the docs, and no route in them', async () => {
    const paths = ['/health', '/health?verbose', '/livez', '/readyz', '/docs', '/openapi.json']
    const answers = await Promise.all(paths.map((path) => ask(gateway.url + path)))
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200))
    expect(answers.map(({ text }) => text).join('\n')).not.toContain('secret-route')
  })
})

describe('official clients raise their own errors', () => {
  test("OpenAI's", async () => {
    const call = (apiKey: string, model: string): Promise<unknown> =>
      new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 }).chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'Hello' }],
      })
    await expect(call('wrong', 'chat')).rejects.toThrow(OpenAI.AuthenticationError)
    await expect(call('wrong', 'chat')).rejects.toMatchObject({ code: 'invalid_api_key' })
    await expect(call(KEYS.CHAT, 'secret-route')).rejects.toThrow(OpenAI.PermissionDeniedError)
    await expect(call(KEYS.CHAT, 'secret-route')).rejects.toMatchObject({ code: 'route_not_allowed' })
    await expect(call(KEYS.CHAT, 'chat')).resolves.toMatchObject({ object: 'chat.completion' })
  })

  test("Anthropic's", async () => {
    const call = (apiKey: string, model: string): Promise<unknown> =>
      new Anthropic({ apiKey, baseURL: gateway.url, maxRetries: 0 }).messages.create({
        model,
        max_tokens: 16,
        messages: [{ role: 'user', content: 'Hello' }],
      })
    await expect(call('wrong', 'chat')).rejects.toThrow(Anthropic.AuthenticationError)
    await expect(call('wrong', 'chat')).rejects.toThrow('authentication_error')
    await expect(call(KEYS.CHAT, 'secret-route')).rejects.toThrow(Anthropic.PermissionDeniedError)
    await expect(call(KEYS.CHAT, 'chat')).resolves.toMatchObject({ type: 'message' })
  })

  test("Google's", async () => {
    const call = (apiKey: string, model: string): Promise<unknown> =>
      new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } }).models.generateContent({
        model,
        contents: 'Hello',
      })
    await expect(call('wrong', 'chat')).rejects.toThrow(ApiError)
    await expect(call('wrong', 'chat')).rejects.toMatchObject({ status: 401 })
    await expect(call(KEYS.CHAT, 'secret-route')).rejects.toThrow('PERMISSION_DENIED')
    await expect(call(KEYS.CHAT, 'chat')).resolves.toHaveProperty('candidates')
  })

  test("Cohere's", async () => {
    const call = (token: string, model: string): Promise<unknown> =>
      new CohereClientV2({ token, environment: gateway.url }).chat(
        { model, messages: [{ role: 'user', content: 'Hello' }] },
        { maxRetries: 0 },
      )
    await expect(call('wrong', 'chat')).rejects.toThrow(CohereError)
    await expect(call('wrong', 'chat')).rejects.toMatchObject({ statusCode: 401 })
    await expect(call(KEYS.CHAT, 'secret-route')).rejects.toMatchObject({ statusCode: 403 })
    await expect(call(KEYS.CHAT, 'chat')).resolves.toHaveProperty('message')
  })
})

describe('a change of the file', () => {
  test('does not take auth away while it is on', async () => {
    const generation = (await gateway.health()).config.generation
    await writeFile(gateway.configPath, YAML.replace(/auth:[\s\S]*(?=routes:\n)/, ''))
    await waitFor('the change to be refused', async () => (await gateway.health()).config.error !== null)
    expect((await chat({})).status).toBe(401)
    expect((await gateway.health()).config.generation).toBe(generation)
    await waitFor('the log to say why', () => gateway.stdout.includes('allow_destructive_reload'))
    await writeFile(gateway.configPath, YAML.replace('routes: [chat]', 'routes: [nothing]'))
    await waitFor('the next change', async () => (await gateway.health()).config.generation > generation)
    expect((await chat(bearer(KEYS.CHAT))).status).toBe(403)
    expect((await chat(bearer(KEYS.ALL))).status).toBe(200)
  })
})

test('no key is in what the gateway wrote', () => {
  for (const text of [gateway.stdout, gateway.stderr]) {
    expect(text).not.toMatch(/canary/)
    expect(text).not.toContain(Buffer.from(KEYS.ALL).toString('base64').slice(0, 30))
  }
})
