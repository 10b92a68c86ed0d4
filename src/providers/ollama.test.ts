import { expect, test } from 'vitest'
import { Secret } from '../core/secret.ts'
import { askProvider } from '../../test/support/ask-provider.ts'
import { ollamaChat, ollamaEmbeddings } from '../dialects/ollama/index.ts'
import { openAiChat, openAiEmbeddings } from '../dialects/openai/index.ts'
import { ollamaProvider } from './ollama.ts'

const definition = ollamaProvider({
  native: { chat: ollamaChat, embeddings: ollamaEmbeddings },
  openAi: { chat: openAiChat, embeddings: openAiEmbeddings },
})

test.each([
  [undefined, 'ollama-chat', '/api/chat'],
  ['native', 'ollama-embeddings', '/api/embed'],
  ['openai', 'openai-chat', '/v1/chat/completions'],
  ['openai', 'openai-embeddings', '/v1/embeddings'],
])('with the API %s it speaks %s at %s', async (api, format, url) => {
  const config = { ollama_api_base: '{uri}/v1/', ...(api === undefined ? {} : { api }) }
  const asked = await askProvider({ definition, config, format })
  expect(asked.url).toBe(url)
  expect(asked.headers).not.toHaveProperty('authorization')
})

test('sends a key when it has one', async () => {
  const config = { ollama_api_base: '{uri}', ollama_api_key: new Secret('sk-test') }
  const { headers } = await askProvider({ definition, config })
  expect(headers).toMatchObject({ authorization: 'Bearer sk-test' })
})
