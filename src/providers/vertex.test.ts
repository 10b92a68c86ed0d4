import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, importSPKI, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { json, startScriptedServer } from '../../test/scripted-server.ts'
import { askProvider, createProvider } from '../../test/support/ask-provider.ts'
import { Cancellation } from '../core/cancel.ts'
import { Secret } from '../core/secret.ts'
import { anthropicCountTokens, anthropicMessages } from '../dialects/anthropic/index.ts'
import { geminiGenerate, vertexCountTokens, vertexEmbeddings } from '../dialects/gemini/index.ts'
import { vertexProvider } from './vertex.ts'

const definition = vertexProvider({
  chat: geminiGenerate,
  embeddings: vertexEmbeddings,
  countTokens: vertexCountTokens,
  messages: anthropicMessages,
  countMessages: anthropicCountTokens,
})
const config = {
  vertex_project: 'a-project',
  vertex_location: 'us-east5',
  vertex_access_token: new Secret('an-access-token'),
  vertex_api_base: '{uri}',
}
const PLACE = '/projects/a-project/locations/us-east5/publishers'

describe("Google's models on Vertex AI", () => {
  const GEMINI = `/v1beta1${PLACE}/google/models/gemini-2.5-flash`

  test.each([
    ['gemini-generate', false, ':generateContent'],
    ['gemini-generate', true, ':streamGenerateContent?alt=sse'],
    ['vertex-predict', false, ':predict'],
    ['vertex-count-tokens', false, ':countTokens'],
  ])('are asked in %s (streamed: %s) by %s', async (format, stream, method) => {
    const asked = await askProvider({ definition, config, model: 'gemini-2.5-flash', format, stream })
    expect(asked.url).toBe(GEMINI + method)
    expect(asked.headers['authorization']).toBe('Bearer an-access-token')
    expect(asked.body).toEqual({ a: 1 })
  })
})

describe('Claude on Vertex AI', () => {
  const model = 'claude-sonnet-4-5@20250929'
  const CLAUDE = `/v1${PLACE}/anthropic/models`

  test.each([
    [false, ':rawPredict'],
    [true, ':streamRawPredict'],
  ])('is asked (streamed: %s) by %s, with the version in the body', async (stream, method) => {
    const { url, body } = await askProvider({ definition, config, model, stream })
    expect(url).toBe(`${CLAUDE}/${model}${method}`)
    expect(body).toEqual({ anthropic_version: 'vertex-2023-10-16', a: 1 })
  })

  test('gets no second version beside the one that a client wrote', async () => {
    const body = '{"anthropic_version":"vertex-other","system":"\\"anthropic_version\\""}'
    expect((await askProvider({ definition, config, model, body })).body).toEqual(JSON.parse(body))
    const mentioned = '{"system":"what is \\"anthropic_version\\"?"}'
    const asked = await askProvider({ definition, config, model, body: mentioned })
    expect(asked.body['anthropic_version']).toBe('vertex-2023-10-16')
  })

  test('has its tokens counted by a model of its own, which is told the name', async () => {
    const { url, body } = await askProvider({ definition, config, model, format: 'anthropic-count-tokens' })
    expect(url).toBe(`${CLAUDE}/count-tokens:rawPredict`)
    expect(body).toEqual({ model, a: 1 })
  })

  test('is sent the betas that Vertex AI knows, and no other header of the client', async () => {
    const server = await startScriptedServer(json(200, {}))
    const provider = createProvider({ definition, config: { ...config, vertex_api_base: server.uri }, model })
    const headers = {
      'anthropic-beta': 'context-1m-2025-08-07, files-api-2025-04-14',
      'anthropic-version': 'x',
    }
    await provider.send({
      format: anthropicMessages,
      stream: false,
      body: '{}',
      headers,
      signal: new Cancellation(),
    })
    expect(server.seen[0]?.headers['anthropic-beta']).toBe('context-1m-2025-08-07')
    expect(server.seen[0]?.headers).not.toHaveProperty('anthropic-version')
  })
})

describe('a service account', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

  function accountAt(tokenUri: string, more: object = {}): Secret {
    const account = {
      type: 'service_account',
      client_email: 'me@a-project.example',
      private_key: pem,
      private_key_id: 'k',
    }
    return new Secret(JSON.stringify({ ...account, token_uri: tokenUri, ...more }))
  }

  test('signs for a token once, and sends it with each request', async () => {
    const tokens = await startScriptedServer(json(200, { access_token: 'fresh-token', expires_in: 3600 }))
    const server = await startScriptedServer(json(200, {}))
    const provider = createProvider({
      definition,
      config: {
        vertex_project: 'p',
        vertex_api_base: server.uri,
        vertex_credentials: accountAt(`${tokens.uri}/token?x=1`),
      },
    })
    const attempt = { format: geminiGenerate, stream: false, body: '{}', signal: new Cancellation() }
    await Promise.all([provider.send(attempt), provider.send(attempt)])
    expect(server.seen.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer fresh-token',
      'Bearer fresh-token',
    ])
    expect(tokens.seen).toHaveLength(1)
    const [asked] = tokens.seen
    expect(asked).toMatchObject({ method: 'POST', url: '/token?x=1' })
    const form = new URLSearchParams(asked?.body)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const assertion = form.get('assertion') ?? ''
    const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const { payload, protectedHeader } = await jwtVerify(assertion, await importSPKI(spki, 'RS256'))
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k' })
    expect(payload).toMatchObject({
      iss: 'me@a-project.example',
      aud: `${tokens.uri}/token?x=1`,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    })
    expect(Number(decodeJwt(assertion).exp) - Number(payload.iat)).toBe(3600)
  })

  test.each([
    ['a refusal', json(400, { error: 'invalid_grant', error_description: 'No such account.' })],
    ['no token', json(200, {})],
  ])('that gets %s fails for the operator, without its key in the message', async (_, answer) => {
    const tokens = await startScriptedServer(answer)
    const provider = createProvider({
      definition,
      config: { vertex_project: 'p', vertex_credentials: accountAt(tokens.uri) },
    })
    const sent = provider.send({
      format: geminiGenerate,
      stream: false,
      body: '{}',
      signal: new Cancellation(),
    })
    await expect(sent).rejects.toMatchObject({
      kind: 'auth',
      status: 502,
      message: expect.not.stringContaining('PRIVATE'),
    })
  })

  test.each([
    ['no JSON', new Secret('/no/such/file')],
    ['a key without an account', accountAt('https://example.com', { client_email: null })],
  ])('of %s is refused when it is configured', (_, credentials) => {
    const bad = { vertex_project: 'p', vertex_credentials: credentials }
    expect(() => definition.create({ model: 'm', config: bad })).toThrow('vertex_credentials')
  })
})

test('one kind of credentials is enough, and a model is needed', () => {
  const both = { vertex_project: 'p', vertex_credentials: 'a', vertex_access_token: 'b' }
  expect(definition.check?.(both, null)).toHaveLength(2)
  expect(definition.check?.({ vertex_project: 'p' }, 'm')).toEqual([])
})
