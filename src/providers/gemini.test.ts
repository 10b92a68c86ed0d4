import { describe, expect, test } from 'vitest'
import { askProvider, createProvider } from '../../test/support/ask-provider.ts'
import { Secret } from '../core/secret.ts'
import { geminiCountTokens, geminiEmbeddings, geminiGenerate, isBatch } from '../dialects/gemini/index.ts'
import { geminiProvider } from './gemini.ts'

const definition = geminiProvider({
  chat: geminiGenerate,
  embeddings: geminiEmbeddings,
  countTokens: geminiCountTokens,
  isBatch,
})
const key = new Secret('a-gemini-key')
const config = { gemini_api_key: key, gemini_api_base: '{uri}' }

describe('the gemini provider', () => {
  test('asks for a whole answer, with its key in a header and no model in the body', async () => {
    const { url, headers, body, provider } = await askProvider({
      definition,
      config,
      model: 'gemini-2.5-flash',
    })
    expect(url).toBe('/v1beta/models/gemini-2.5-flash:generateContent')
    expect(headers).toMatchObject({ 'x-goog-api-key': 'a-gemini-key' })
    expect(body).toEqual({ a: 1 })
    expect(provider).toMatchObject({ omitsModel: true, secrets: [key] })
  })

  test('asks for streams as events, at a base with its version too', async () => {
    const versioned = { ...config, gemini_api_base: '{uri}/v1beta/' }
    const { url } = await askProvider({ definition, config: versioned, model: 'm', stream: true })
    expect(url).toBe('/v1beta/models/m:streamGenerateContent?alt=sse')
  })

  test.each([
    ['models/gemini-2.5-flash', '/v1beta/models/gemini-2.5-flash:generateContent'],
    ['tunedModels/my-model', '/v1beta/tunedModels/my-model:generateContent'],
    ['../../v1/secrets', '/v1beta/models/..%2F..%2Fv1%2Fsecrets:generateContent'],
    ['a?key=b#c', '/v1beta/models/a%3Fkey%3Db%23c:generateContent'],
  ])('the model %s stands in the path as %s', async (model, path) => {
    expect((await askProvider({ definition, config, model })).url).toBe(path)
  })

  test.each([
    ['{"content":{"parts":[{"text":"\\"requests\\":"}]}}', ':embedContent'],
    ['{"requests":[]}', ':batchEmbedContents'],
  ])('%s is embedded by %s', async (body, method) => {
    const asked = await askProvider({ definition, config, format: 'gemini-embeddings', body })
    expect(asked.url).toBe(`/v1beta/models/m${method}`)
  })

  test('counts tokens', async () => {
    const { url } = await askProvider({ definition, config, format: 'gemini-count-tokens' })
    expect(url).toBe('/v1beta/models/m:countTokens')
  })

  test('needs a model, and a base URL that is one', () => {
    expect(definition.check?.({}, null)).toEqual([
      { path: [], message: expect.stringContaining('model.name') },
    ])
    expect(definition.check?.({ gemini_api_base: 'google' }, 'm')).toHaveLength(1)
    expect(definition.check?.({}, 'm')).toEqual([])
  })

  test('names its model without the collection, for what depends on the name', () => {
    const provider = createProvider({
      definition,
      config: { gemini_api_key: key },
      model: 'models/gemini-3-pro',
    })
    expect(provider.model).toBe('gemini-3-pro')
  })
})
