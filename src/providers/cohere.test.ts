import { expect, test } from 'vitest'
import { Secret } from '../core/secret.ts'
import { askProvider } from '../../test/support/ask-provider.ts'
import { cohereChat, cohereEmbeddings, cohereRerank } from '../dialects/cohere/index.ts'
import { cohereProvider } from './cohere.ts'

const definition = cohereProvider({ chat: cohereChat, embeddings: cohereEmbeddings, rerank: cohereRerank })
const key = new Secret('sk-test')

test.each([
  ['cohere-chat', '/v2/chat'],
  ['cohere-embeddings', '/v2/embed'],
  ['cohere-rerank', '/v2/rerank'],
])('speaks %s at %s with its key', async (format, url) => {
  const asked = await askProvider({
    definition,
    config: { cohere_api_key: key, cohere_api_base: '{uri}' },
    format,
  })
  expect(asked).toMatchObject({ url, headers: { authorization: 'Bearer sk-test' } })
})

test.each(['/v1', '/v2/', '/', '/proxy'])('a base that ends with %s is understood', async (end) => {
  const config = { cohere_api_key: key, cohere_api_base: `{uri}${end}` }
  const { url } = await askProvider({ definition, config })
  expect(url).toBe(end === '/proxy' ? '/proxy/v2/chat' : '/v2/chat')
})
