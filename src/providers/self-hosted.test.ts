import { describe, expect, test } from 'vitest'
import { askProvider, createProvider } from '../../test/support/ask-provider.ts'
import { json } from '../../test/scripted-server.ts'
import { Secret } from '../core/secret.ts'
import { ai21Complete } from '../dialects/ai21/index.ts'
import { anthropicMessages } from '../dialects/anthropic/index.ts'
import { mlflowServingChat, mlflowServingEmbeddings } from '../dialects/mlflow-serving/index.ts'
import { openAiChat, openAiEmbeddings } from '../dialects/openai/index.ts'
import { teiEmbed, teiRerank } from '../dialects/tei/index.ts'
import { tgiGenerate } from '../dialects/tgi/index.ts'
import { ai21LabsProvider } from './ai21labs.ts'
import { databricksProvider } from './databricks.ts'
import { huggingFaceTgiProvider } from './huggingface-tgi.ts'
import { mlflowModelServingProvider } from './mlflow-model-serving.ts'
import { teiProvider } from './tei.ts'

const key = new Secret('sk-test')

describe('mlflow-model-serving', () => {
  const definition = mlflowModelServingProvider({
    chat: mlflowServingChat,
    embeddings: mlflowServingEmbeddings,
  })

  test.each(['mlflow-serving-chat', 'mlflow-serving-embeddings'])(
    'asks for predictions: %s',
    async (format) => {
      const asked = await askProvider({ definition, config: { model_server_url: '{uri}/x/' }, format })
      expect(asked.url).toBe('/x/invocations')
      expect(asked.headers).not.toHaveProperty('authorization')
    },
  )

  test('has its address checked', () => {
    expect(definition.check?.({ model_server_url: 'localhost:5001' }, null)).toHaveLength(1)
  })
})

describe('huggingface-text-generation-inference', () => {
  const definition = huggingFaceTgiProvider({ chat: openAiChat, generate: tgiGenerate })
  const config = { hf_server_url: '{uri}', hf_api_key: key }

  test.each([
    [false, '/generate'],
    [true, '/generate_stream'],
  ])('completes prompts by its own API, streamed: %s', async (stream, url) => {
    const asked = await askProvider({ definition, config, routeType: 'llm/v1/completions', stream })
    expect(asked).toMatchObject({ url, headers: { authorization: 'Bearer sk-test' }, body: { a: 1 } })
  })

  test('chats by the one that is like OpenAI', async () => {
    const asked = await askProvider({ definition, config, routeType: 'llm/v1/chat', stream: true })
    expect(asked.url).toBe('/v1/chat/completions')
  })
})

describe('tei', () => {
  const definition = teiProvider({ embed: teiEmbed, rerank: teiRerank, openAi: openAiEmbeddings })

  test.each([
    ['tei-embed', '/embed'],
    ['tei-rerank', '/rerank'],
    ['openai-embeddings', '/v1/embeddings'],
  ])('speaks %s at %s', async (format, url) => {
    expect((await askProvider({ definition, config: { tei_server_url: '{uri}' }, format })).url).toBe(url)
  })
})

describe('ai21labs', () => {
  const definition = ai21LabsProvider({ chat: openAiChat, complete: ai21Complete })
  const config = { ai21labs_api_key: key, ai21labs_api_base: '{uri}/studio/v1' }

  test.each([
    ['j2-ultra', '/studio/v1/j2-ultra/complete', true],
    ['jamba-large', '/studio/v1/chat/completions', false],
  ])('speaks to %s at %s', async (model, url, omitsModel) => {
    const asked = await askProvider({ definition, config, model })
    expect(asked).toMatchObject({
      url,
      headers: { authorization: 'Bearer sk-test' },
      provider: { omitsModel },
    })
  })

  test('knows three models of the second generation', () => {
    expect(definition.check?.({}, 'j2')[0]?.message).toContain(
      "An Unsupported AI21Labs model has been specified: 'j2'",
    )
    expect(definition.check?.({}, 'j2-mid')).toEqual([])
  })
})

describe('databricks', () => {
  const definition = databricksProvider({
    chat: openAiChat,
    embeddings: openAiEmbeddings,
    messages: anthropicMessages,
  })

  test.each([
    ['openai-chat', '/serving-endpoints/chat/completions'],
    ['openai-embeddings', '/serving-endpoints/embeddings'],
    ['anthropic-messages', '/serving-endpoints/anthropic/v1/messages'],
  ])('speaks %s at %s', async (format, url) => {
    const config = { host: '{uri}/', token: key }
    const asked = await askProvider({ definition, config, format, model: 'databricks-claude' })
    expect(asked).toMatchObject({ url, headers: { authorization: 'Bearer sk-test' } })
  })

  test("speaks Anthropic's API for Claude models only", () => {
    const config = { host: 'https://x.example/serving-endpoints', token: key }
    const { formats } = createProvider({ definition, config, model: 'databricks-gpt-oss-20b' })
    expect(formats.map(({ name }) => name)).toEqual(['openai-chat', 'openai-embeddings'])
  })

  const principal = { host: '{uri}', client_id: 'id', client_secret: new Secret('secret') }

  test('logs a service principal in, once', async () => {
    const token = json(200, { access_token: 'a-token', expires_in: 3600 })
    const asked = await askProvider({ definition, config: principal, answers: [token, json(200, {})] })
    expect(asked).toMatchObject({
      url: '/serving-endpoints/chat/completions',
      headers: { authorization: 'Bearer a-token' },
    })
  })

  test.each([
    ['a refusal', json(401, { error: 'invalid_client' })],
    ['no token', json(200, {})],
  ])('says so when the login brings %s', async (_case, answer) => {
    await expect(askProvider({ definition, config: principal, answers: [answer] })).rejects.toMatchObject({
      kind: 'auth',
      status: 502,
    })
  })

  test.each([
    [{}, ['needs token, or client_id and client_secret']],
    [{ token: 'x' }, []],
    [{ client_id: 'x', client_secret: 'y' }, []],
    [{ client_id: 'x' }, ['client_id needs client_secret; add it']],
    [
      { token: 'x', client_id: 'x', client_secret: 'y' },
      ['has both a token and a service principal; remove one'],
    ],
  ])('has its credentials checked: %j', (config, messages) => {
    const issues = definition.check?.({ host: 'https://x.example', ...config }, null) ?? []
    expect(issues.map(({ message }) => message)).toEqual(messages)
  })
})
