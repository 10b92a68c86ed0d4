import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen } from '../../../test/support/listen.ts'
import { parseConfig } from '../../config/load.ts'
import { findRoutes } from './find-routes.ts'
import { KNOWN_PROVIDERS } from './known-providers.ts'
import { foundConfig } from './write-found.ts'

const ollama = createServer((request, response) => {
  if (request.url !== '/api/tags') return response.writeHead(404).end()
  const names = ['llama3.2:latest', 'qwen3:8b', 'nomic-embed-text:latest', 'hf.co/a/b:Q4_K_M']
  return response.end(JSON.stringify({ models: names.map((name) => ({ name })) }))
})
const NOWHERE = 'http://127.0.0.1:9'
let url = ''

beforeAll(async () => {
  url = `http://127.0.0.1:${await listen(ollama)}`
})

afterAll(() => ollama.close())

describe('without a configuration', () => {
  test('there are no routes where nothing is found', async () => {
    expect(await findRoutes({ OPENAI_API_KEY: ' ' }, NOWHERE)).toEqual([])
  })

  test('a key in the environment gives routes that name it and do not hold it', async () => {
    const routes = await findRoutes({ ANTHROPIC_API_KEY: 'sk-canary', GOOGLE_API_KEY: 'sk-canary' }, NOWHERE)
    expect(new Set(routes.map(({ provider }) => provider))).toEqual(new Set(['anthropic', 'gemini']))
    const text = foundConfig(routes)
    expect(text).not.toContain('sk-canary')
    expect(text).toContain('gemini_api_key: $GOOGLE_API_KEY')
  })

  test('models of a local Ollama are routes, by names that routes may have', async () => {
    const routes = await findRoutes({}, url)
    expect(routes.map(({ name, type }) => [name, type])).toEqual([
      ['llama3.2', 'llm/v1/chat'],
      ['qwen3-8b', 'llm/v1/chat'],
      ['nomic-embed-text', 'llm/v1/embeddings'],
      ['hf.co-a-b-Q4_K_M', 'llm/v1/chat'],
    ])
  })

  test('what is written for all providers together can be loaded, and chat tries each of them', async () => {
    const environment = Object.fromEntries(
      KNOWN_PROVIDERS.map(({ variables: [name = ''] }) => [name, 'sk-canary-of-this-test']),
    )
    const loaded = parseConfig(foundConfig(await findRoutes(environment, url)), {
      file: 'found.yaml',
      env: environment,
    })
    expect(loaded.ok ? [] : loaded.issues).toEqual([])
    const chat = loaded.ok ? loaded.config.routes.find(({ name }) => name === 'chat') : undefined
    expect(chat?.targets).toHaveLength(KNOWN_PROVIDERS.length + 1)
  })
})
