import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { importConfig } from './import.ts'

const folder = mkdtempSync(join(tmpdir(), 'import-'))
afterAll(() => rmSync(folder, { recursive: true }))

let out = ''
beforeEach(() => {
  out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => vi.restoreAllMocks())

async function read(source: string, text: string): Promise<{ code: number; json: Record<string, unknown> }> {
  const file = join(folder, 'theirs.yaml')
  writeFileSync(file, text)
  const code = await importConfig(source, file, { json: true })
  return { code, json: JSON.parse(out) }
}

const LITELLM = `
model_list:
  - model_name: fast
    litellm_params: { model: groq/llama-3.3-70b-versatile, api_key: os.environ/GROQ_API_KEY, rpm: 30 }
  - model_name: smart
    litellm_params: { model: azure/gpt-4o-eu, api_base: https://eu.test, api_key: os.environ/AZURE_KEY, api_version: 2024-10-21, weight: 2 }
  - model_name: smart
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_key: os.environ/ANTHROPIC_API_KEY, input_cost_per_token: 0.000003, output_cost_per_token: 0.000015 }
  - model_name: vectors/small
    litellm_params: { model: text-embedding-3-small, api_key: os.environ/OPENAI_API_KEY }
    model_info: { mode: embedding }
router_settings:
  routing_strategy: latency-based-routing
  num_retries: 2
  timeout: 30
  fallbacks: [{ smart: [fast] }]
  redis_host: cache.test
general_settings: { master_key: os.environ/MASTER, alerting: [slack] }
`

describe('a configuration of LiteLLM', () => {
  it('is carried over, and what is not is told, field by field', async () => {
    const { code, json } = await read('litellm', LITELLM)
    expect(code).toBe(1)
    expect(json['problems']).toEqual([])
    expect(json['config']).toEqual({
      auth: 'required',
      defaults: { retries: { max: 2 }, timeout: { total: '30s' } },
      routes: [
        {
          name: 'fast',
          type: 'llm/v1/chat',
          targets: [
            {
              model: {
                provider: 'groq',
                name: 'llama-3.3-70b-versatile',
                config: { groq_api_key: '$GROQ_API_KEY' },
              },
            },
          ],
        },
        {
          name: 'smart',
          type: 'llm/v1/chat',
          strategy: 'latency',
          targets: [
            {
              model: {
                provider: 'openai',
                name: 'gpt-4o-eu',
                config: {
                  openai_api_type: 'azure',
                  openai_api_key: '$AZURE_KEY',
                  openai_api_base: 'https://eu.test',
                  openai_deployment_name: 'gpt-4o-eu',
                  openai_api_version: '2024-10-21',
                },
              },
              weight: 2,
            },
            {
              model: {
                provider: 'anthropic',
                name: 'claude-sonnet-4-5',
                config: { anthropic_api_key: '$ANTHROPIC_API_KEY' },
              },
              price: { input: 3, output: 15 },
            },
          ],
          fallbacks: [{ route: 'fast' }],
        },
        {
          name: 'vectors-small',
          type: 'llm/v1/embeddings',
          targets: [
            {
              model: {
                provider: 'openai',
                name: 'text-embedding-3-small',
                config: { openai_api_key: '$OPENAI_API_KEY' },
              },
            },
          ],
        },
      ],
    })
    const paths = (json['findings'] as { path: string }[]).map(({ path }) => path)
    expect(paths.toSorted()).toEqual([
      'general_settings.alerting',
      'general_settings.master_key',
      'model_list',
      'model_list[0].litellm_params.rpm',
      'router_settings.redis_host',
    ])
  })
})

describe('a config of Portkey', () => {
  it('is one route, with its targets in turn', async () => {
    const { json } = await read(
      'portkey',
      JSON.stringify({
        strategy: { mode: 'fallback', on_status_codes: [429] },
        retry: { attempts: 3 },
        cache: { mode: 'semantic', max_age: 60 },
        request_timeout: 10_000,
        targets: [
          { provider: 'openai', api_key: 'sk-literal', override_params: { model: 'gpt-4o', temperature: 0 } },
          {
            virtual_key: 'anthropic-prod',
            provider: '@anthropic',
            override_params: { model: 'claude-sonnet-4-5' },
          },
        ],
      }),
    )
    expect(json['problems']).toEqual([expect.stringContaining('missing key "anthropic_api_key"')])
    expect(json['config']).toMatchObject({
      routes: [
        {
          name: 'chat',
          strategy: 'priority',
          retries: { max: 3 },
          timeout: { total: '10000ms' },
          cache: { ttl: '60s' },
          targets: [
            { model: { name: 'gpt-4o' } },
            { model: { provider: 'anthropic', name: 'claude-sonnet-4-5' } },
          ],
        },
      ],
    })
    const paths = (json['findings'] as { path: string }[]).map(({ path }) => path)
    expect(paths).toEqual([
      'strategy.on_status_codes',
      'cache.mode',
      'targets[0].override_params',
      'targets[1].virtual_key',
    ])
  })
})

describe('a config of Bifrost', () => {
  it('gives a route for each model that its keys name', async () => {
    const { json } = await read(
      'bifrost',
      JSON.stringify({
        providers: {
          openai: {
            keys: [
              { value: 'env.OPENAI_API_KEY', models: ['gpt-4o', 'text-embedding-3-small'], weight: 0.7 },
              { value: 'env.OPENAI_KEY_2', models: ['gpt-4o'], weight: 0.3 },
              { value: 'env.OPENAI_KEY_3', models: [] },
            ],
            network_config: { base_url: 'https://proxy.test/v1', max_retries: 2 },
            concurrency_and_buffer_size: { concurrency: 10 },
          },
        },
        client: { drop_excess_requests: true },
      }),
    )
    expect(json['problems']).toEqual([])
    expect(json['config']).toMatchObject({
      routes: [
        { name: 'gpt-4o', type: 'llm/v1/chat', targets: [{ weight: 0.7 }, { weight: 0.3 }] },
        { name: 'text-embedding-3-small', type: 'llm/v1/embeddings', targets: [{ weight: 0.7 }] },
      ],
    })
    const paths = (json['findings'] as { path: string }[]).map(({ path }) => path)
    expect(paths).toEqual([
      'client',
      'providers.openai.concurrency_and_buffer_size',
      'providers.openai.network_config.max_retries',
      'providers.openai.keys[2].models',
    ])
  })
})

describe('a configuration of MLflow', () => {
  it('is the same in the words of today', async () => {
    const { code, json } = await read(
      'mlflow',
      `endpoints:
  - name: chat
    endpoint_type: llm/v1/chat
    model: { provider: openai, name: gpt-4o, config: { openai_api_key: $OPENAI_API_KEY } }
    limit: { calls: 10, renewal_period: minute }
`,
    )
    expect([code, json['problems']]).toEqual([0, []])
    expect(json['config']).toMatchObject({
      routes: [{ name: 'chat', type: 'llm/v1/chat', limit: { calls: 10 } }],
    })
  })
})

it.each([
  ['somebody', 'a: 1'],
  ['litellm', 'just text'],
  ['litellm', '{'],
])('of %s, %j cannot be read', async (source, text) => {
  const file = join(folder, 'bad.yaml')
  writeFileSync(file, text)
  expect(await importConfig(source, file, {})).toBe(2)
})
