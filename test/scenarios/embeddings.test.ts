import { describe, expect, test } from 'vitest'
import type { EmbeddingsFormat } from '../../src/core/dialect.ts'
import type { EmbeddingsReply } from '../../src/core/events.ts'
import type { EmbeddingsRequest } from '../../src/core/request.ts'
import { SCENARIOS } from './index.ts'
import { EMBEDDINGS, EMBEDDINGS_CASES, type EmbeddingsCase } from './reply-cases.ts'
import type { DialectScenarios } from './support.ts'

const clients = SCENARIOS.filter(({ client }) => client && 'embeddings' in client)
const providers = SCENARIOS.filter(({ provider }) => provider?.embeddings)

test.each(SCENARIOS)('$name has fixtures or reasons for embeddings', (dialect) => {
  const silent = EMBEDDINGS_CASES.filter((name) => !dialect.embeddings?.[name] && !dialect.unsupported[name])
  expect(silent).toEqual([])
})

describe.each(clients)('$name as a client', (dialect) => {
  test.each(casesOf(dialect))('%s is read', (name) => {
    const {
      extrasDialect: _dialect,
      encoding: _encoding,
      purpose: _purpose,
      ...request
    } = read(dialect, name)
    expect(request).toEqual(twinOf(name))
  })
})

describe.each(providers)('$name as a provider', (dialect) => {
  test.each(casesOf(dialect))('%s is written and its answer read', (name) => {
    const format = formatOf(dialect)
    const fixture = dialect.embeddings?.[name]
    expect(JSON.parse(format.write(twinOf(name), { model: 'a-model' }).body)).toEqual(fixture?.request)
    expect(format.read(JSON.stringify(fixture?.reply)).vectors).toEqual(EMBEDDINGS[name].vectors)
  })
})

const pairs = clients.flatMap((client) => providers.map((provider) => ({ client, provider })))

describe.each(pairs)('$client.name -> $provider.name', ({ client, provider }) => {
  const both = casesOf(client).filter((name) => provider.embeddings?.[name])
  test.each(both)('%s', (name) => {
    const format = formatOf(provider)
    const fixture = provider.embeddings?.[name]
    const { body } = format.write(read(client, name), { model: 'a-model' })
    expect(JSON.parse(body)).toMatchObject(fixture?.request ?? {})
    const answer = requestOf(client, name).write(format.read(JSON.stringify(fixture?.reply)))
    if (client.provider?.embeddings) expect(vectorsOf(client, answer)).toEqual(EMBEDDINGS[name].vectors)
  })
})

function casesOf({ embeddings }: DialectScenarios): EmbeddingsCase[] {
  return EMBEDDINGS_CASES.filter((name) => embeddings?.[name])
}

function twinOf(name: EmbeddingsCase): EmbeddingsRequest {
  const { input, ...more } = EMBEDDINGS[name].request
  return { ...more, input: typeof input === 'string' ? input : [...input], extras: {} }
}

function requestOf(
  dialect: DialectScenarios,
  name: EmbeddingsCase,
): { write(reply: EmbeddingsReply): string; embeddings(): EmbeddingsRequest } {
  const request = dialect.client?.embeddings?.(dialect.embeddings?.[name]?.request ?? {})
  if (!request) throw new Error(`${dialect.name} has no embeddings for clients`)
  return request
}

function read(dialect: DialectScenarios, name: EmbeddingsCase): EmbeddingsRequest {
  return requestOf(dialect, name).embeddings()
}

function vectorsOf(dialect: DialectScenarios, answer: string): EmbeddingsReply['vectors'] {
  return formatOf(dialect).read(answer).vectors
}

function formatOf({ name, provider }: DialectScenarios): EmbeddingsFormat {
  if (!provider?.embeddings) throw new Error(`${name} has no embeddings of providers`)
  return provider.embeddings
}
