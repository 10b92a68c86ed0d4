import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { RouteInfo, ServerSettings } from '../../core/route.ts'
import { CLIENT_APIS } from './client-apis.ts'
import { openApiDocument } from './document.ts'

const ROUTES: RouteInfo[] = [
  { name: 'talk', type: 'llm/v1/chat', model: { name: 'model-a', provider: 'openai' } },
  { name: 'go-on', type: 'llm/v1/completions', model: { name: null, provider: 'openai' } },
  { name: 'embed.v1', type: 'llm/v1/embeddings', model: { name: 'model-c', provider: 'mock' } },
]

describe('the OpenAPI description', () => {
  it('says what it is', () => {
    const { openapi, info } = describeRoutes()
    expect(openapi).toBe('3.1.0')
    expect(info).toMatchObject({ title: 'MLflow Gateway API', version: '1.2.3' })
  })

  it('has three paths for each configured route, and the paths that are always there', () => {
    const paths = Object.keys(asObject(describeRoutes()['paths']))
    for (const { name } of ROUTES) {
      expect(paths).toEqual(
        expect.arrayContaining([
          `/gateway/${name}/invocations`,
          `/endpoints/${name}/invocations`,
          `/gateway/routes/${name}`,
        ]),
      )
    }
    expect(paths).toEqual(
      expect.arrayContaining([
        '/gateway/routes/',
        '/gateway/routes/{name}',
        '/api/2.0/gateway/routes/',
        '/api/2.0/gateway/routes/{name}',
        '/api/2.0/endpoints/',
        '/api/2.0/endpoints/{name}',
        '/v1/chat/completions',
        '/v1/completions',
        '/v1/embeddings',
        '/v1/models',
        '/v1/models/{name}',
        '/health',
        '/livez',
        '/readyz',
      ]),
    )
  })

  it('points nowhere into the void', () => {
    const document = describeRoutes()
    const pointers = visit(document).flatMap(({ value }) => asString(asObject(value)['$ref']) ?? [])
    expect(pointers.length).toBeGreaterThan(50)
    expect(pointers.filter((pointer) => resolve(document, pointer) === undefined)).toEqual([])
  })

  it('uses every component', () => {
    const document = describeRoutes()
    const text = JSON.stringify(document)
    const components = Object.entries(asObject(document['components']))
    const all = components.flatMap(([kind, named]) =>
      Object.keys(asObject(named)).map((name) => `#/components/${kind}/${name}`),
    )
    expect(all.filter((pointer) => !text.includes(`"${pointer}"`))).toEqual([])
  })

  it('names every operation once', () => {
    const ids = visit(describeRoutes()).flatMap(({ value }) => asString(asObject(value)['operationId']) ?? [])
    expect(ids).toContain('query_talk')
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('keeps the names of operations when other routes come and go', () => {
    const before = resolve(describeRoutes(), '#/paths/~1gateway~1talk~1invocations/post')
    const alone = resolve(describeRoutes(ROUTES.slice(0, 1)), '#/paths/~1gateway~1talk~1invocations/post')
    expect(alone).toEqual(before)
  })

  it('has examples that fit their schemas', () => {
    const document = describeRoutes()
    const ajv = validator(document)
    let checked = 0
    for (const { value: media, pointer } of visit(document)) {
      const schema = asObject(media)['schema']
      if (!isObject(schema) || !pointer.includes('application~1json')) continue
      for (const example of examplesOf(document, asObject(media))) {
        const fits = ajv.compile({ $ref: `document#${pointer}/schema` })
        const problem = fits(example) ? '' : ajv.errorsText(fits.errors)
        expect({ pointer, problem }).toEqual({ pointer, problem: '' })
        checked++
      }
    }
    expect(checked).toBeGreaterThan(30)
  })

  it.each([
    ['ChatStream', 'ChatChunk'],
    ['CompletionsStream', 'CompletionsChunk'],
  ])('has events in the example %s that fit %s', (example, schema) => {
    const document = describeRoutes()
    const text = String(resolve(document, `#/components/examples/${example}/value`))
    const fits = validator(document).compile({ $ref: `document#/components/schemas/${schema}` })
    const events = text.trim().split('\n\n')
    expect(events.length).toBeGreaterThan(1)
    for (const event of events) expect(fits(JSON.parse(event.replace(/^data: /, '')))).toBe(true)
  })

  const message = { role: 'user', content: 'hi' }
  it.each([
    ['MlflowChatRequest', { messages: [message], temperature: 1 }, true],
    ['MlflowChatRequest', { messages: [message], temperature: 1.1 }, false],
    ['MlflowChatRequest', { messages: [message], candidate_count: 5 }, true],
    ['MlflowChatRequest', { messages: [message], candidate_count: 6 }, false],
    ['MlflowChatRequest', { messages: [message], max_tokens: 0 }, false],
    ['MlflowChatRequest', { messages: [message], n: 1 }, false],
    ['MlflowChatRequest', { messages: [message], top_p: 0.5 }, true],
    ['MlflowChatRequest', { messages: [message], stop: [] }, false],
    ['MlflowChatRequest', { messages: [] }, false],
    ['MlflowChatRequest', { messages: [message], model: 'other' }, false],
    ['SeedChatRequest', { messages: [message], max_tokens: 0 }, true],
    ['OpenAiChatRequest', { messages: [message], temperature: 2, n: 6 }, true],
    ['OpenAiChatRequest', { messages: [message], temperature: 2.1 }, false],
    ['OpenAiChatRequest', { messages: [message], n: 0 }, false],
    ['OpenAiChatRequest', { messages: [{ role: 'user', content: null }] }, false],
    ['OpenAiChatRequest', { messages: [{ role: 'assistant', content: null, tool_calls: [] }] }, true],
    ['OpenAiCompletionsRequest', {}, false],
    ['MlflowEmbeddingsRequest', { texts: ['a'] }, true],
    ['MlflowEmbeddingsRequest', { texts: ['a'], n: 2 }, false],
    ['OpenAiEmbeddingsRequest', { input: 'a' }, true],
    ['OpenAiEmbeddingsRequest', {}, false],
    ['V1ChatRequest', { model: 'talk', messages: [message], stop: 'END', seed: 3 }, true],
    ['V1ChatRequest', { messages: [message] }, false],
    ['V1ChatRequest', { model: '', messages: [message] }, false],
    ['V1ChatRequest', { model: 'talk', messages: [{ content: 'hi' }] }, false],
    ['V1CompletionsRequest', { model: 'go-on', prompt: ['a'] }, true],
    ['V1CompletionsRequest', { model: 'go-on', prompt: ['a', 'b'] }, false],
    ['V1EmbeddingsRequest', { model: 'embed.v1', input: [[1, 2]] }, true],
    ['V1EmbeddingsRequest', { model: 'embed.v1' }, false],
  ])('%s for %j: %s', (schema, body, allowed) => {
    const fits = validator(describeRoutes()).compile({ $ref: `document#/components/schemas/${schema}` })
    expect(fits(body)).toBe(allowed)
  })

  it("describes /gateway in OpenAI's shape when the server answers so", () => {
    const body = '#/paths/~1gateway~1talk~1invocations/post/requestBody/$ref'
    expect(resolve(describeRoutes(ROUTES, 'mlflow'), body)).toBe('#/components/requestBodies/MlflowChat')
    expect(resolve(describeRoutes(ROUTES, 'openai'), body)).toBe('#/components/requestBodies/OpenAiChat')
  })

  it("describes the providers' own APIs once, however many routes there are", () => {
    const paths = (document: JsonObject): string[] =>
      Object.keys(asObject(document['paths'])).filter((path) => /^\/(?:v\d|proxy|anthropic)/.test(path))
    expect(paths(describeRoutes([]))).toEqual(paths(describeRoutes()))
    expect(paths(describeRoutes())).toEqual(
      expect.arrayContaining([
        '/v1/responses',
        '/v1/messages',
        '/v1beta/models/{name}:generateContent',
        '/v2/chat',
        '/v1/rerank',
        '/v1/audio/transcriptions',
        '/proxy/{name}/{path}',
      ]),
    )
  })

  it('describes each operation of the table, and links to what its provider says about it', () => {
    const { paths, tags } = describeRoutes()
    for (const { title, spec, operations } of CLIENT_APIS) {
      expect(tags).toContainEqual(expect.objectContaining({ name: title, externalDocs: { url: spec } }))
      for (const { path, method, id } of operations) {
        const described = asObject(asObject(asObject(paths)[path])[method.toLowerCase()])
        expect(described).toMatchObject({ operationId: id, tags: [title] })
      }
    }
  })

  it('is a document without any route', () => {
    const document = describeRoutes([])
    expect(resolve(document, '#/components/parameters/RouteName/schema')).toEqual({ type: 'string' })
    expect(asObject(document['paths'])).toHaveProperty('/health')
  })

  it('stays small, however many routes there are', () => {
    const many = Array.from({ length: 100 }, (_, index): RouteInfo => ({
      name: `route-${index}`,
      type: 'llm/v1/chat',
      model: { name: 'm', provider: 'mock' },
    }))
    const growth = JSON.stringify(describeRoutes(many)).length - JSON.stringify(describeRoutes([])).length
    expect(growth / many.length).toBeLessThan(3000)
    expect(JSON.stringify(describeRoutes([])).length).toBeLessThan(70_000)
  })
})

function describeRoutes(
  routes = ROUTES,
  invocationsShape: ServerSettings['invocationsShape'] = 'mlflow',
): JsonObject {
  return openApiDocument({ routes, settings: { invocationsShape, bodyLimit: 1000 }, version: '1.2.3' })
}

function validator(document: JsonObject): Ajv2020 {
  const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false, formats: { 'date-time': true } })
  // Ajv is strict about words it does not know, which is to hold for the schemas but not for the document around them.
  ajv.addVocabulary(Object.keys(document))
  return ajv.addSchema(document, 'document')
}

function examplesOf(document: JsonObject, media: JsonObject): unknown[] {
  const named = Object.values(asObject(media['examples'])).map((example) => {
    const pointer = asString(asObject(example)['$ref']) ?? ''
    return asObject(resolve(document, pointer))['value']
  })
  return 'example' in media ? [media['example'], ...named] : named
}

/** Every object and list in the document with its JSON pointer. */
function visit(value: unknown, pointer = ''): { value: unknown; pointer: string }[] {
  if (typeof value !== 'object' || value === null) return []
  const children = Object.entries(value).flatMap(([key, child]) =>
    visit(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
  return [{ value, pointer }, ...children]
}

function resolve(document: JsonObject, pointer: string): unknown {
  const keys = pointer.replace(/^#\//, '').split('/')
  return keys.reduce<unknown>((value, key) => {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~')
    return Array.isArray(value) ? asArray(value)[Number(name)] : asObject(value)[name]
  }, document)
}
