import { createHash, createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { createProvider } from '../../test/support/ask-provider.ts'
import { json, startScriptedServer, type Answer, type ScriptedServer } from '../../test/scripted-server.ts'
import { Cancellation } from '../core/cancel.ts'
import type { JsonObject } from '../core/json.ts'
import type { Attempt, Provider, ProviderConfig, UpstreamReply } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { bedrockProvider } from './bedrock.ts'
import * as dialect from '../dialects/bedrock/index.ts'

const definition = bedrockProvider({
  converse: dialect.bedrockConverse,
  messages: dialect.bedrockAnthropic,
  writeException: dialect.writeAnthropicException,
  titanEmbeddings: dialect.bedrockTitanEmbeddings,
  cohereEmbeddings: dialect.bedrockCohereEmbeddings,
  rerank: dialect.bedrockRerank,
})

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const KEYS = {
  aws_region: 'us-east-1',
  aws_access_key_id: new Secret('AKIDEXAMPLE'),
  aws_secret_access_key: new Secret('secret-example'),
}

interface Asked {
  model?: string
  config?: ProviderConfig
  attempt?: Partial<Attempt>
  format?: string
}

interface Told {
  server: ScriptedServer
  provider: Provider
  reply: UpstreamReply
  text: string
}

async function ask(
  { model = CLAUDE, config = {}, attempt = {}, format }: Asked,
  ...answers: Answer[]
): Promise<Told> {
  const server = await startScriptedServer(...(answers.length > 0 ? answers : [json(200, {})]))
  const all = { aws_config: KEYS, bedrock_api_base: server.uri, ...config }
  const provider = createProvider({ definition, model, config: all })
  const chosen = provider.formats.find(({ name }) => format === undefined || name === format)
  if (!chosen) throw new Error(`${model} has no format ${format}`)
  const signal = new Cancellation()
  const reply = await provider.send({ format: chosen, stream: false, body: '{}', signal, ...attempt })
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) =>
    reply.body.flow({ data: (chunk) => chunks.push(chunk), end: resolve, error: reject }),
  )
  return { server, provider, reply, text: Buffer.concat(chunks).toString() }
}

/** The signature that a request should have, from what arrived. */
function signatureOf({ seen }: ScriptedServer, secret: string, service = 'bedrock'): string {
  const request = seen.at(-1)
  const authorization = String(request?.headers['authorization'])
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? ''
  const time = String(request?.headers['x-amz-date'])
  const scope = [time.slice(0, 8), 'us-east-1', service, 'aws4_request']
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const canonical = [
    request?.method,
    request?.url.replaceAll('%', '%25'),
    '',
    ...names.split(';').map((name) => `${name}:${String(request?.headers[name])}`),
    '',
    names,
    hash(request?.body ?? ''),
  ].join('\n')
  const key = scope.reduce<Buffer>(
    (bytes, part) => createHmac('sha256', bytes).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  )
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), hash(canonical)].join('\n')
  return createHmac('sha256', key).update(toSign).digest('hex')
}

function message(kind: 'event' | 'exception', type: string, payload: JsonObject): Buffer {
  const fields = [`:${kind}-type`, type, ':message-type', kind]
  const headers = Buffer.concat(
    fields.map((text, at) =>
      Buffer.concat([Buffer.from(at % 2 === 0 ? [text.length] : [7, 0, text.length]), Buffer.from(text)]),
    ),
  )
  const body = Buffer.from(JSON.stringify(payload))
  const bytes = Buffer.alloc(16 + headers.length + body.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(headers.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  Buffer.concat([headers, body]).copy(bytes, 12)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

const chunk = (event: JsonObject): Buffer =>
  message('event', 'chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' })

function events(...pieces: Buffer[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    for (const piece of pieces) response.write(piece)
    response.end()
  }
}

describe('a request', () => {
  test('is signed, and its model stands in the path', async () => {
    const { server } = await ask({ attempt: { body: '{"messages":[]}' } })
    expect(server.seen[0]?.url).toBe('/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse')
    const authorization = server.seen[0]?.headers['authorization']
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/bedrock\/aws4_request,/,
    )
    expect(authorization).toContain(`Signature=${signatureOf(server, 'secret-example')}`)
  })

  test('of temporary keys names their session', async () => {
    const config = { aws_config: { ...KEYS, aws_session_token: new Secret('session-example') } }
    const { server } = await ask({ config })
    expect(server.seen[0]?.headers['x-amz-security-token']).toBe('session-example')
    expect(server.seen[0]?.headers['authorization']).toContain(signatureOf(server, 'secret-example'))
  })

  test('may name its model by an ARN', async () => {
    const model = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
    const { server } = await ask({ model, attempt: { stream: true } })
    expect(server.seen[0]?.url).toBe(`/model/${encodeURIComponent(model)}/converse-stream`)
    expect(server.seen[0]?.headers['authorization']).toContain(signatureOf(server, 'secret-example'))
  })

  test('with a bearer token is not signed', async () => {
    const config = { aws_config: { aws_region: 'us-east-1' }, aws_bearer_token: new Secret('bedrock-key') }
    const { server, provider } = await ask({ config })
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer bedrock-key' })
    expect(server.seen[0]?.headers).not.toHaveProperty('x-amz-date')
    expect(provider.secrets.map((secret) => secret.reveal())).toEqual(['bedrock-key'])
  })

  test('is watched over by a guardrail, unless it names its own', async () => {
    const config = { guardrail: { id: 'g1', version: '2' } }
    const { server } = await ask({ config, attempt: { body: '{"messages":[]}' } })
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      messages: [],
      guardrailConfig: { guardrailIdentifier: 'g1', guardrailVersion: '2' },
    })
    const own = await ask({ config, attempt: { body: '{"guardrailConfig":{}}' } })
    expect(own.server.seen[0]?.body).toBe('{"guardrailConfig":{}}')
    expect(own.server.seen[0]?.headers).toMatchObject({ 'x-amzn-bedrock-guardrailidentifier': 'g1' })
  })
})

test('a role is taken on once, with the keys, for all requests', async () => {
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const granted = `<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-session</SessionToken><Expiration>${expires}</Expiration></Credentials>`
  const sts = await startScriptedServer((response) => response.end(granted))
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.uri)
  const aws = { ...KEYS, aws_role_arn: 'arn:aws:iam::123456789012:role/r', session_length_seconds: 1200 }
  const { server, provider } = await ask({ config: { aws_config: aws } })
  const [format] = provider.formats
  if (!format) throw new Error('no format')
  await Promise.all(
    [1, 2].map(() => provider.send({ format, stream: false, body: '{}', signal: new Cancellation() })),
  )
  vi.unstubAllEnvs()
  expect(sts.seen).toHaveLength(1)
  expect(Object.fromEntries(new URLSearchParams(sts.seen[0]?.body))).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: 'arn:aws:iam::123456789012:role/r',
    DurationSeconds: '1200',
  })
  expect(sts.seen[0]?.headers['authorization']).toContain(signatureOf(sts, 'secret-example', 'sts'))
  expect(server.seen).toHaveLength(3)
  expect(server.seen[2]?.headers).toMatchObject({ 'x-amz-security-token': 'role-session' })
  expect(server.seen[2]?.headers['authorization']).toContain(signatureOf(server, 'role-secret'))
})

test('a role that is refused is told without its reason', async () => {
  const sts = await startScriptedServer((response) =>
    response.writeHead(403).end('<Message>secret-canary</Message>'),
  )
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.uri)
  const config = { aws_config: { ...KEYS, aws_role_arn: 'arn:aws:iam::1:role/r' } }
  await expect(ask({ config })).rejects.toMatchObject({
    kind: 'auth',
    message: expect.not.stringContaining('canary'),
  })
  vi.unstubAllEnvs()
})

test('without keys the credentials of the machine are used', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDMACHINE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'machine-secret')
  const { server } = await ask({ config: { aws_config: { aws_region: 'us-east-1' } } })
  vi.unstubAllEnvs()
  expect(server.seen[0]?.headers['authorization']).toContain('Credential=AKIDMACHINE/')
  expect(server.seen[0]?.headers['authorization']).toContain(signatureOf(server, 'machine-secret'))
})

describe("a request of Claude's own API", () => {
  const messages = { format: 'anthropic-messages' }

  test('says its version and betas in the body, and that it streams in the path', async () => {
    const body = Buffer.from('{"messages":[], "stream":true, "max_tokens":10000000000000000000001}')
    const headers = {
      'anthropic-beta': 'context-1m-2025-08-07,unknown-2030-01-01',
      'anthropic-version': '2023-06-01',
    }
    const { server } = await ask({ ...messages, attempt: { stream: true, body, headers } })
    expect(server.seen[0]?.url).toMatch(/\/invoke-with-response-stream$/)
    expect(server.seen[0]?.body).toBe(
      '{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["context-1m-2025-08-07"],"messages":[], "max_tokens":10000000000000000000001}',
    )
    expect(server.seen[0]?.headers).not.toHaveProperty('anthropic-beta')
  })

  test("is answered with the model's own events", async () => {
    const start = { type: 'message_start', message: { id: 'msg_1', content: [] } }
    const bytes = Buffer.concat([chunk(start), chunk({ type: 'message_stop' })])
    const pieces = [bytes.subarray(0, 30), bytes.subarray(30)]
    const { reply, text } = await ask({ ...messages, attempt: { stream: true } }, events(...pieces))
    expect(reply.contentType).toBe('text/event-stream')
    expect(text).toBe(
      `event: message_start\ndata: ${JSON.stringify(start)}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`,
    )
  })

  test('that fails on the way ends with an error of that API', async () => {
    const failure = message('exception', 'throttlingException', { message: 'Slow down.' })
    const { text } = await ask(
      { ...messages, attempt: { stream: true } },
      events(chunk({ type: 'ping' }), failure),
    )
    expect(text).toContain('event: error\ndata: {"type":"error","error":{"type":"rate_limit_error"')
  })

  test('whose stream is broken is a bad response', async () => {
    const broken = chunk({ type: 'ping' })
    broken.writeUInt8(broken.readUInt8(40) ^ 1, 40)
    await expect(ask({ ...messages, attempt: { stream: true } }, events(broken))).rejects.toMatchObject({
      kind: 'bad_response',
    })
  })

  test('is served for no other model', async () => {
    await expect(ask({ ...messages, model: 'amazon.nova-lite-v1:0' })).rejects.toThrow('has no format')
  })
})

describe('embeddings', () => {
  const titan = 'amazon.titan-embed-text-v2:0'

  test('of Titan are one call a text', async () => {
    const echo: Answer = (response, { body }) => {
      const { inputText } = JSON.parse(body)
      json(200, { embedding: [Number(inputText)], inputTextTokenCount: 1 })(response, {
        method: '',
        url: '',
        headers: {},
        body,
      })
    }
    const texts = Array.from({ length: 20 }, (_, index) => String(index))
    const body = JSON.stringify({ inputText: texts, dimensions: 256 })
    const { server, text } = await ask({ model: titan, attempt: { body } }, echo)
    expect(server.seen).toHaveLength(20)
    expect(server.seen.every(({ url }) => url.endsWith('/invoke'))).toBe(true)
    expect(dialect.bedrockTitanEmbeddings.read(text)).toEqual({
      vectors: texts.map((number) => [Number(number)]),
      usage: { inputTokens: 20 },
    })
  })

  test('of which one is refused are refused', async () => {
    const refusal = json(429, { message: 'Slow down.' })
    const body = JSON.stringify({ inputText: ['a', 'b'] })
    const { reply, text } = await ask(
      { model: titan, attempt: { body } },
      json(200, { embedding: [] }),
      refusal,
    )
    expect([reply.status, text]).toEqual([429, '{"message":"Slow down."}'])
  })

  test.each([
    ['cohere.embed-v4:0', 'bedrock-cohere-embeddings'],
    ['cohere.rerank-v3-5:0', 'bedrock-rerank'],
    [titan, 'bedrock-titan-embeddings'],
  ])('%s speaks %s', async (model, format) => {
    const { server } = await ask({ model, format, attempt: { body: '{"a":1}' } })
    expect(server.seen[0]?.url).toBe(`/model/${encodeURIComponent(model)}/invoke`)
  })
})

describe('a configuration', () => {
  const check = (config: JsonObject, model: string | null = 'm'): string[] =>
    definition.check?.(config, model).map(({ message }) => message) ?? []
  const aws_config = { aws_region: 'us-east-1' }

  test('of a region is enough', () => {
    expect(check({ aws_config })).toEqual([])
  })

  test.each<[string, JsonObject, string | null]>([
    ['one half of a key', { aws_config: { ...aws_config, aws_access_key_id: 'x' } }, 'm'],
    ['a session without keys', { aws_config: { ...aws_config, aws_session_token: 'x' } }, 'm'],
    ['a length without a role', { aws_config: { ...aws_config, session_length_seconds: 900 } }, 'm'],
    ['two ways to log in', { aws_config, aws_profile: 'p', aws_bearer_token: 'x' }, 'm'],
    ['no model', { aws_config }, null],
    ['no URL', { aws_config, bedrock_api_base: 'x' }, 'm'],
  ])('with %s is told', (_what, config, model) => {
    expect(check(config, model)).toHaveLength(1)
  })

  test('without a region takes that of the environment', () => {
    vi.stubEnv('AWS_REGION', undefined)
    vi.stubEnv('AWS_DEFAULT_REGION', undefined)
    expect(check({})).toHaveLength(1)
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    expect(check({})).toEqual([])
    vi.unstubAllEnvs()
  })
})
