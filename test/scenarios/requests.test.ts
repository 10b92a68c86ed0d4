import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/error.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { ChatRequest } from '../../src/core/request.ts'
import { SCENARIOS } from './index.ts'
import { normalRequest } from './normal.ts'
import { REQUEST_CASES, REQUESTS, type RequestCase } from './request-cases.ts'
import { isSame, lose, type DialectScenarios } from './support.ts'

const TARGET = { model: 'a-model' }

const clients = SCENARIOS.filter(({ client }) => client)
const providers = SCENARIOS.filter(({ provider }) => provider)

describe.each(SCENARIOS)('$name', (dialect) => {
  test('has a fixture or a reason for each case', () => {
    const silent = REQUEST_CASES.filter((name) => !fixtureOf(dialect, name) && !dialect.unsupported[name])
    expect(silent).toEqual([])
  })
})

describe.each(clients)('$name as a client', (dialect) => {
  test.each(casesOf(dialect))('%s is read', (name) => {
    expect(normalRequest(read(dialect, name))).toEqual(normalRequest(readTwin(dialect, name)))
  })
})

describe.each(providers)('$name as a provider', (dialect) => {
  test.each(casesOf(dialect))('%s is written', (name) => {
    const twin = REQUESTS[name](dialect.name)
    expect(write(dialect, twin)).toEqual({
      body: fixtureOf(dialect, name),
      dropped: lose(twin, dialect.requestLosses, 'provider').names,
    })
  })

  const unsupported = REQUEST_CASES.filter((name) => dialect.unsupported[name] !== undefined)
  test.each(unsupported)('%s is refused', (name) => {
    const written = write(dialect, REQUESTS[name](dialect.name))
    expect(written).toEqual({ refused: expect.stringMatching(/^4\d\d /) })
  })
})

const pairs = clients.flatMap((client) => providers.map((provider) => ({ client, provider })))

describe.each(pairs)('$client.name -> $provider.name', ({ client, provider }) => {
  test.each(casesOf(client))('%s', (name) => {
    const expected = readTwin(client, name)
    const written = write(provider, read(client, name))
    expect(written).toEqual(write(provider, expected))
    if ('refused' in written) return
    expect(written.dropped).toEqual(lose(expected, provider.requestLosses, 'provider').names)
  })
})

const wayBack = pairs.filter(({ client, provider }) => client.provider && provider.client)

describe.each(wayBack)('$client.name -> $provider.name -> $client.name', ({ client, provider }) => {
  test.each(casesOf(client))('%s', (name) => {
    const there = write(provider, read(client, name))
    if ('refused' in there) return
    const streams = REQUESTS[name](client.name).stream
    const back = write(client, readBody(provider, there.body, streams))
    if ('refused' in back) throw new Error(`${client.name} refuses on the way back: ${back.refused}`)
    expect(normalRequest(readBody(client, back.body, streams))).toEqual(
      normalRequest(roundTrip(readTwin(client, name), client, provider)),
    )
  })
})

/** What a request keeps that goes from a client to a provider, and is written by that one's client for the first. */
function roundTrip(request: ChatRequest, client: DialectScenarios, provider: DialectScenarios): ChatRequest {
  const steps = [
    [provider, 'provider'],
    [provider, 'client'],
    [client, 'provider'],
    [client, 'client'],
  ] as const
  return steps.reduce((kept, [{ requestLosses }, side]) => lose(kept, requestLosses, side).value, request)
}

function casesOf(dialect: DialectScenarios): RequestCase[] {
  return REQUEST_CASES.filter((name) => fixtureOf(dialect, name))
}

/** The case's own fixture; that of `text` when the dialect's losses leave no more of the case. */
function fixtureOf(dialect: DialectScenarios, name: RequestCase): JsonObject | undefined {
  const own = dialect.requests[name]
  if (own || dialect.unsupported[name] !== undefined) return own
  return isSame(carried(dialect, name), carried(dialect, 'text')) ? dialect.requests.text : undefined
}

function carried(dialect: DialectScenarios, name: RequestCase): ChatRequest {
  const side = dialect.provider ? 'provider' : 'client'
  return lose(REQUESTS[name](dialect.name), dialect.requestLosses, side).value
}

/** What a client's request says in the case, without what its dialect cannot say. */
function readTwin(dialect: DialectScenarios, name: RequestCase): ChatRequest {
  return lose(REQUESTS[name](dialect.name), dialect.requestLosses, 'client').value
}

function read(dialect: DialectScenarios, name: RequestCase): ChatRequest {
  return readBody(dialect, fixtureOf(dialect, name), REQUESTS[name](dialect.name).stream)
}

function readBody(dialect: DialectScenarios, body: JsonObject | undefined, stream: boolean): ChatRequest {
  if (!dialect.client || !body) throw new Error(`${dialect.name} has no such request of a client`)
  return dialect.client.chat(body, stream).chat()
}

type Written = { body: JsonObject; dropped: string[] } | { refused: string }

function write(dialect: DialectScenarios, request: ChatRequest): Written {
  try {
    const written = dialect.provider?.chat.write(request, TARGET)
    if (!written) throw new Error(`${dialect.name} is not spoken by providers`)
    const body: JsonObject = JSON.parse(written.body)
    return { body, dropped: [...new Set(written.dropped)].toSorted() }
  } catch (error) {
    if (error instanceof GatewayError) return { refused: `${error.status} ${error.message}` }
    throw error
  }
}
