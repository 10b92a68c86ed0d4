import { describe, expect, onTestFinished, test } from 'vitest'
import { json, startScriptedServer } from '../../test/scripted-server.ts'
import { Cancellation } from '../core/cancel.ts'
import type { JsonObject } from '../core/json.ts'
import type { Attempt, ProviderConfig, ProviderDefinition } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { FORWARDED_APIS, openAiChat, openAiCompletions, openAiEmbeddings } from '../dialects/openai/index.ts'
import { openAiInputTokens, openAiResponses } from '../dialects/openai-responses/index.ts'
import { openAiCompatibleProvider } from './openai-compatible.ts'
import { openAiProvider } from './openai.ts'

const FORMATS = {
  chat: openAiChat,
  completions: openAiCompletions,
  embeddings: openAiEmbeddings,
  responses: openAiResponses,
  inputTokens: openAiInputTokens,
  forwarded: FORWARDED_APIS,
}
const openAi = openAiProvider(FORMATS)
const compatible = openAiCompatibleProvider(FORMATS)
const KEY = new Secret('sk-test')

interface Asked {
  url: string
  body: string
  headers: Record<string, unknown>
  model: string | null
  secrets: string[]
}

/** What a provider of this configuration sends to its server. `{uri}` in it is the server's. */
async function ask(
  definition: ProviderDefinition,
  config: ProviderConfig,
  changes: Partial<Attempt> = {},
): Promise<Asked> {
  const server = await startScriptedServer(json(200, {}))
  const located = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.replace('{uri}', server.uri) : value,
    ]),
  )
  const provider = definition.create({ model: 'm', config: located })
  onTestFinished(() => provider.close())
  const reply = await provider.send({
    format: openAiChat,
    stream: false,
    body: '{"a":1}',
    signal: new Cancellation(),
    ...changes,
  })
  await new Promise<void>((resolve, reject) =>
    reply.body.flow({ data: () => undefined, end: resolve, error: reject }),
  )
  const [seen] = server.seen
  if (!seen) throw new Error('nothing was asked')
  const secrets = provider.secrets.map((secret) => secret.reveal())
  return { url: seen.url, body: seen.body, headers: seen.headers, model: provider.model, secrets }
}

const STREAM_BODY = '{"stream_options":{"include_usage":true},"a":1}'

describe('openai', () => {
  const config = { openai_api_key: KEY, openai_api_base: '{uri}/v1' }

  test('is asked with a bearer token', async () => {
    const { headers, ...asked } = await ask(openAi, config)
    expect(asked).toEqual({ url: '/v1/chat/completions', body: '{"a":1}', model: 'm', secrets: ['sk-test'] })
    expect(headers).toMatchObject({ authorization: 'Bearer sk-test' })
    expect(headers).not.toHaveProperty('openai-organization')
    expect(headers).not.toHaveProperty('api-key')
  })

  test('is told the organisation', async () => {
    const { headers } = await ask(openAi, {
      ...config,
      openai_organization: 'org-1',
      openai_api_type: 'OpenAI',
    })
    expect(headers).toMatchObject({ 'openai-organization': 'org-1' })
  })

  test('serves embeddings, and streams with their usage', async () => {
    expect((await ask(openAi, config, { format: openAiEmbeddings })).url).toBe('/v1/embeddings')
    expect((await ask(openAi, config, { stream: true })).body).toBe(STREAM_BODY)
  })

  test("serves every type of route, in OpenAI's formats", () => {
    const provider = openAi.create({ model: 'm', config: { openai_api_key: KEY } })
    onTestFinished(() => provider.close())
    expect(openAi.routeTypes).toHaveLength(6)
    expect(openAi.routeTypes).not.toContain('llm/v1/rerank')
    expect(provider.formats.slice(0, 3)).toEqual([openAiChat, openAiResponses, openAiEmbeddings])
  })
})

test('models of before there were chats complete prompts', () => {
  const provider = openAi.create({ model: 'gpt-3.5-turbo-instruct', config: { openai_api_key: KEY } })
  onTestFinished(() => provider.close())
  expect(provider.formats).toContain(openAiCompletions)
  expect(provider.formats).not.toContain(openAiChat)
})

test('responses tell their usage unasked', async () => {
  const config = { openai_api_key: KEY, openai_api_base: '{uri}/v1' }
  const asked = await ask(openAi, config, { format: openAiResponses, stream: true })
  expect(asked).toMatchObject({ url: '/v1/responses', body: '{"a":1}' })
})

describe('openai on Azure', () => {
  const config = {
    openai_api_key: KEY,
    openai_api_type: 'azure',
    openai_api_base: '{uri}/',
    openai_deployment_name: 'my deployment/1',
    openai_api_version: '2023-05-15',
  }
  const BASE = '/openai/deployments/my%20deployment%2F1'

  test('has the deployment and the version in its URL, and a header for the key', async () => {
    const { headers, ...asked } = await ask(openAi, config)
    expect(asked).toEqual({
      url: `${BASE}/chat/completions?api-version=2023-05-15`,
      body: '{"a":1}',
      model: 'm',
      secrets: ['sk-test'],
    })
    expect(headers).toMatchObject({ 'api-key': 'sk-test' })
    expect(headers).not.toHaveProperty('authorization')
    expect((await ask(openAi, config, { format: openAiEmbeddings })).url).toBe(
      `${BASE}/embeddings?api-version=2023-05-15`,
    )
  })

  test.each(['azuread', 'AzureAD'])('takes a token for %s', async (openai_api_type) => {
    const { headers } = await ask(openAi, { ...config, openai_api_type })
    expect(headers).toMatchObject({ authorization: 'Bearer sk-test' })
    expect(headers).not.toHaveProperty('api-key')
  })

  test.each([
    ['2023-05-15', '{"a":1}'],
    ['2024-08-01-preview', '{"a":1}'],
    ['2024-09-01-preview', STREAM_BODY],
    ['2025-01-01-preview', STREAM_BODY],
    ['preview', STREAM_BODY],
  ])('of version %s is sent %s for a stream', async (openai_api_version, expected) => {
    const { body } = await ask(openAi, { ...config, openai_api_version }, { stream: true })
    expect(body).toBe(expected)
  })
})

test('only Azure has the model in the URL alone', () => {
  const omits = (config: ProviderConfig): boolean => {
    const base = { openai_api_key: KEY, openai_api_base: 'http://host.invalid' }
    const provider = openAi.create({ model: 'm', config: { ...base, ...config } })
    onTestFinished(() => provider.close())
    return provider.omitsModel ?? false
  }
  expect(omits({})).toBe(false)
  expect(omits({ openai_api_type: 'azure' })).toBe(true)
  expect(omits({ openai_api_type: 'azuread' })).toBe(true)
})

describe("the check of openai's configuration", () => {
  const AZURE = {
    openai_api_type: 'azure',
    openai_api_base: 'https://x.openai.azure.com',
    openai_deployment_name: 'd',
    openai_api_version: 'v',
  }

  test.each<[JsonObject]>([
    [{}],
    [{ openai_organization: 'o' }],
    [AZURE],
    [{ ...AZURE, openai_api_type: 'AZUREAD' }],
  ])('finds nothing in %j', (config) => {
    expect(openAi.check?.(config, 'm')).toEqual([])
  })

  test.each<[JsonObject, string[], RegExp]>([
    [{ openai_deployment_name: 'd' }, ['openai_deployment_name'], /only for Azure/],
    [{ ...AZURE, openai_organization: 'o' }, ['openai_organization'], /remove it/],
    [{ openai_api_base: 'nowhere' }, ['openai_api_base'], /not a base URL/],
  ])('finds the mistake in %j', (config, path, message) => {
    expect(openAi.check?.(config, 'm')).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  test('takes as organisation only what an HTTP header can hold', () => {
    const { pattern = '', hint } = openAi.options.properties['openai_organization'] ?? {}
    const given = ['org-1', 'My org', '', 'org\n1', 'org\r\nx: y', 'org-1\n', 'Bücher']
    expect(given.filter((name) => new RegExp(pattern, 'u').test(name))).toEqual(['org-1', 'My org'])
    expect(hint).toMatch(/printable ASCII/)
  })

  test('names everything that Azure needs', () => {
    const issues = openAi.check?.({ openai_api_type: 'azuread' }, 'm') ?? []
    expect(issues.map(({ message }) => message)).toEqual([
      'openai_api_type "azuread" needs openai_api_base; add it',
      'openai_api_type "azuread" needs openai_deployment_name; add it',
      'openai_api_type "azuread" needs openai_api_version; add it',
    ])
  })
})

describe('openai-compatible', () => {
  test('is asked at its base URL, with a key', async () => {
    const { headers, ...asked } = await ask(compatible, { api_base: '{uri}/v1/', api_key: KEY })
    expect(asked).toEqual({ url: '/v1/chat/completions', body: '{"a":1}', model: 'm', secrets: ['sk-test'] })
    expect(headers).toMatchObject({ authorization: 'Bearer sk-test' })
  })

  test('needs no key', async () => {
    const { headers, secrets } = await ask(compatible, { api_base: '{uri}' }, { format: openAiEmbeddings })
    expect(headers).not.toHaveProperty('authorization')
    expect(secrets).toEqual([])
  })

  test.each([
    [undefined, STREAM_BODY],
    [true, STREAM_BODY],
    [false, '{"a":1}'],
  ])('with stream_usage %s is sent %s for a stream', async (stream_usage, expected) => {
    const config = { api_base: '{uri}', ...(stream_usage === undefined ? {} : { stream_usage }) }
    expect((await ask(compatible, config, { stream: true })).body).toBe(expected)
  })

  test('completes prompts only where the file says so', async () => {
    const config = { api_base: '{uri}' }
    const completing = await ask(compatible, { ...config, completions: true }, { format: openAiCompletions })
    expect(completing.url).toBe('/completions')
    const provider = compatible.create({ model: 'm', config: { api_base: 'http://host.invalid' } })
    onTestFinished(() => provider.close())
    expect(provider.formats).not.toContain(openAiCompletions)
  })

  test('checks its base URL', () => {
    expect(compatible.check?.({ api_base: 'x' }, 'm')).toMatchObject([{ path: ['api_base'] }])
    expect(compatible.check?.({ api_base: 'http://localhost:11434/v1' }, 'm')).toEqual([])
  })
})
