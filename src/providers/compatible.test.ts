import { describe, expect, test } from 'vitest'
import { askProvider, createProvider } from '../../test/support/ask-provider.ts'
import type { ChatFormat, EmbeddingsFormat, RerankFormat } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { ProviderConfig, ProviderDefinition } from '../core/provider.ts'
import type { ChatRequest } from '../core/request.ts'
import { Secret } from '../core/secret.ts'
import { sse } from '../wire/sse.ts'
import { compatibleProvider, type CompatibleFormats } from './compatible-provider.ts'
import { compatibleRows } from './compatible.ts'

const readError = (): GatewayError => new GatewayError('refused', { kind: 'bad_request', status: 400 })
const unread = (): never => {
  throw new Error('not read here')
}

/** A format that writes the canonical request as it is given. */
function chatFormat(name: string): ChatFormat {
  const write: ChatFormat['write'] = (request) => ({ body: JSON.stringify(request), dropped: [] })
  return { operation: 'chat', name, answerMark: '', framing: sse, write, reader: unread, readError }
}

function embeddingsFormat(name: string): EmbeddingsFormat {
  const write: EmbeddingsFormat['write'] = (request) => ({ body: JSON.stringify(request), dropped: [] })
  return { operation: 'embeddings', name, answerMark: '', write, read: unread, usage: unread, readError }
}

function rerankFormat(name: string): RerankFormat {
  return { operation: 'rerank', name, answerMark: '', write: unread, read: unread, usage: unread, readError }
}

const formats: CompatibleFormats = {
  createChat: () => chatFormat('openai-chat'),
  chat: chatFormat('openai-chat'),
  embeddings: embeddingsFormat('openai-embeddings'),
  responses: chatFormat('openai-responses'),
  messages: chatFormat('anthropic-messages'),
  rerank: rerankFormat('jina-rerank'),
  perplexityEmbeddings: embeddingsFormat('perplexity-embeddings'),
  voyageEmbeddings: embeddingsFormat('voyage-embeddings'),
  voyageRerank: rerankFormat('voyage-rerank'),
  forwarded: (...operations) =>
    operations.map((operation) => ({
      format: { operation, name: operation, answerMark: '', usage: unread, readError },
      path: `/${operation}`,
    })),
}

const key = new Secret('sk-test')

function definitionOf(name: string): ProviderDefinition {
  const row = compatibleRows.find((row) => row.name === name)
  if (!row) throw new Error(`no row ${name}`)
  return compatibleProvider(row, formats)
}

function chat(changes: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [], stream: false, extras: {}, ...changes }
}

/** What the chat format of a provider is given to write. */
function adapted(name: string, request: ChatRequest): { request: Partial<ChatRequest>; dropped: string[] } {
  const definition = definitionOf(name)
  const base = definition.options.required.includes('cloudflare_account_id')
    ? { cloudflare_account_id: 'a' }
    : {}
  const provider = createProvider({ definition, config: base })
  const format = provider.formats.find(({ name }) => name === 'openai-chat')
  if (format?.operation !== 'chat') throw new Error('no chat')
  const { body, dropped } = format.write(request, provider)
  return { request: JSON.parse(body), dropped }
}

describe.each(compatibleRows.map((row) => [row.name, row] as const))('%s', (name, row) => {
  const definition = definitionOf(name)
  const option = name.replaceAll('-', '_')
  const config: ProviderConfig = { [`${option}_api_key`]: key, [`${option}_api_base`]: '{uri}/v1' }

  test('has an address that is a base URL', () => {
    const url = row.baseUrl ?? row.exampleUrl ?? ''
    const base = { [`${option}_api_base`]: url.replaceAll(/\{\w+\}/g, 'x'), api_key: '[redacted]' }
    expect(definition.check?.(base, 'm')).toEqual([])
  })

  test('is asked below its base, with the key as a bearer token', async () => {
    const asked = await askProvider({ definition, config })
    const path = row.paths?.[row.speaks[0] ?? 'chat']
    expect(asked.headers).toMatchObject({ authorization: 'Bearer sk-test' })
    expect(asked.url).toMatch(path === undefined ? /^\/v1\/[\w/]+$/ : new RegExp(`${path}$`))
    expect(asked.provider.secrets).toEqual([key])
  })

  test('serves at least one type of route, and names each of its options', () => {
    expect(definition.routeTypes).not.toEqual([])
    for (const schema of Object.values(definition.options.properties))
      expect(schema.description).toMatch(/\.$/)
  })
})

test('no two rows have a name in common', () => {
  const names = compatibleRows.flatMap(({ name, aliases = [] }) => [name].concat(aliases))
  expect(new Set(names).size).toBe(names.length)
})

describe('an address', () => {
  test('may hold what the file says', async () => {
    const provider = compatibleProvider(
      {
        name: 'p',
        baseUrl: 'https://x.example/accounts/{p_account}/v1',
        urlOptions: { p_account: 'The account.' },
        speaks: ['chat'],
      },
      formats,
    )
    expect(provider.options.required).toEqual(['p_account'])
    expect(provider.options.properties['p_account']?.pattern).toBe('^[A-Za-z0-9_-]+$')
  })

  test('of an API beside the base URL is known on the own host only', () => {
    const definition = definitionOf('deepseek')
    const names = (config: ProviderConfig): string[] =>
      createProvider({ definition, config }).formats.map(({ name }) => name)
    expect(names({ deepseek_api_key: key })).toContain('anthropic-messages')
    expect(names({ deepseek_api_key: key, deepseek_api_base: 'https://proxy.example' })).not.toContain(
      'anthropic-messages',
    )
  })

  test('of an API beside the base URL begins at the host', async () => {
    const definition = compatibleProvider(
      {
        name: 'p',
        baseUrl: '{p_uri}/v1',
        urlOptions: { p_uri: 'Where.' },
        speaks: ['messages'],
        paths: { messages: '/anthropic/v1/messages' },
      },
      formats,
    )
    const asked = await askProvider({ definition, config: { p_api_key: key, p_uri: '{uri}' } })
    expect(asked.url).toBe('/anthropic/v1/messages')
  })
})

describe('a server of the user', () => {
  test('needs no key, and may lack some APIs', () => {
    const definition = definitionOf('vllm')
    expect(definition.check?.({ vllm_api_base: 'http://x.example' }, null)).toEqual([])
    expect(definition.check?.({}, null)).toEqual([
      { path: [], message: 'missing key "vllm_api_base"; add it' },
    ])
    const config = { vllm_api_base: 'http://127.0.0.1:8000/v1', speaks: ['chat'] }
    const { formats, secrets } = createProvider({ definition, config })
    expect(formats.map(({ name }) => name)).toEqual(['openai-chat', 'transcription', 'translation'])
    expect(secrets).toEqual([])
  })
})

describe('key and base', () => {
  const definition = definitionOf('groq')

  test('may be written as MLflow 3 writes them', async () => {
    const asked = await askProvider({ definition, config: { api_key: key, api_base: '{uri}/x' } })
    expect(asked).toMatchObject({ url: '/x/chat/completions', headers: { authorization: 'Bearer sk-test' } })
  })

  test.each([
    [{}, [], 'missing key "groq_api_key"; add it'],
    [{ groq_api_key: 'k', api_key: 'k' }, ['api_key'], 'is the same as groq_api_key; remove one'],
    [{ api_key: 'k', api_base: 'x' }, ['api_base'], 'is not a base URL'],
  ])('are checked: %j', (config, path, message) => {
    const issues = definition.check?.(config, null) ?? []
    expect(issues).toMatchObject([{ path }])
    expect(issues[0]?.message).toContain(message)
  })
})

describe('a stream', () => {
  test.each([
    ['groq', 'openai-chat', { stream_options: { include_usage: true }, a: 1 }],
    ['groq', 'openai-responses', { a: 1 }],
    ['perplexity', 'openai-chat', { a: 1 }],
  ])('of %s by %s asks for its usage only where that is needed', async (name, format, body) => {
    const config = { [`${name}_api_key`]: key, [`${name}_api_base`]: '{uri}' }
    const asked = await askProvider({ definition: definitionOf(name), config, format, stream: true })
    expect(asked.body).toEqual(body)
  })
})

test('OpenRouter is told who asks', async () => {
  const config = {
    openrouter_api_key: key,
    openrouter_api_base: '{uri}',
    openrouter_referer: 'https://me.example',
    openrouter_title: 'Me',
  }
  const asked = await askProvider({ definition: definitionOf('openrouter'), config })
  expect(asked.headers).toMatchObject({ 'http-referer': 'https://me.example', 'x-title': 'Me' })
})

describe('a chat', () => {
  test('leaves out what the provider refuses, and says so', () => {
    const { request, dropped } = adapted(
      'groq',
      chat({ logitBias: { '1': 1 }, candidates: 1, temperature: 1 }),
    )
    expect(request).toEqual({ ...chat(), temperature: 1 })
    expect(dropped).toEqual(['logitBias'])
  })

  test("has OpenAI's role for instructions renamed", () => {
    const message = { role: 'developer', parts: [], extras: {} }
    expect(adapted('groq', chat({ messages: [message] })).request.messages?.[0]?.role).toBe('system')
  })

  test.each([
    ['deepseek', { effort: 'high' }, { thinking: { type: 'enabled' }, reasoning_effort: 'high' }],
    ['deepseek', { effort: 'none' }, { thinking: { type: 'disabled' } }],
    ['zai', { budgetTokens: 2000 }, { thinking: { type: 'enabled' } }],
    ['dashscope', { budgetTokens: 2000 }, { enable_thinking: true, thinking_budget: 2000 }],
    ['openrouter', { budgetTokens: 2000 }, { reasoning: { max_tokens: 2000 } }],
    ['openrouter', { effort: 'low' }, { reasoning: { effort: 'low' } }],
    ['openrouter', { isAdaptive: true }, { reasoning: { enabled: true } }],
  ] as const)('tells %s how much to think: %j', (name, reasoning, members) => {
    expect(adapted(name, chat({ reasoning, extras: { a: 1 } })).request).toEqual(
      chat({ extras: { a: 1, ...members } }),
    )
  })

  test("drops another dialect's extras where it has members of its own", () => {
    const request = chat({
      reasoning: { effort: 'low' },
      extras: { metadata: {} },
      extrasDialect: 'anthropic',
    })
    expect(adapted('zai', request)).toEqual({
      request: chat({ extras: { thinking: { type: 'enabled' } } }),
      dropped: ['metadata'],
    })
  })
})

test.each([
  ['nvidia', 'search_query', { input_type: 'query' }],
  ['jina', 'clustering', { task: 'separation' }],
])('vectors of %s are asked for with their purpose', (name, purpose, extras) => {
  const { formats } = createProvider({ definition: definitionOf(name), config: {} })
  const format = formats.find(({ operation }) => operation === 'embeddings')
  if (format?.operation !== 'embeddings') throw new Error('no embeddings')
  const { body } = format.write({ input: 'a', purpose, extras: {} }, { model: 'm' })
  expect(JSON.parse(body)).toEqual({ input: 'a', extras })
})
