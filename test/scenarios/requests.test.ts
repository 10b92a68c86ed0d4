import { describe, expect, test } from 'vitest'
import type { ChatRequest } from '../../src/core/request.ts'
import { SCENARIOS } from './index.ts'
import { normalRequest } from './normal.ts'
import { REQUEST_CASES, REQUESTS } from './request-cases.ts'
import { fixtureOf, read, readBody, readTwin, requestCasesOf, write } from './run-requests.ts'
import { lose, type DialectScenarios } from './support.ts'

const clients = SCENARIOS.filter(({ client }) => client)
const providers = SCENARIOS.filter(({ provider }) => provider)

describe.each(SCENARIOS)('$name', (dialect) => {
  test('has a fixture or a reason for each case', () => {
    const silent = REQUEST_CASES.filter((name) => !fixtureOf(dialect, name) && !dialect.unsupported[name])
    expect(silent).toEqual([])
  })
})

describe.each(clients)('$name as a client', (dialect) => {
  test.each(requestCasesOf(dialect))('%s is read', (name) => {
    expect(normalRequest(read(dialect, name))).toEqual(normalRequest(readTwin(dialect, name)))
  })
})

describe.each(providers)('$name as a provider', (dialect) => {
  test.each(requestCasesOf(dialect))('%s is written', (name) => {
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
  test.each(requestCasesOf(client))('%s', (name) => {
    const expected = readTwin(client, name)
    const written = write(provider, read(client, name))
    expect(written).toEqual(write(provider, expected))
    if ('refused' in written) return
    expect(written.dropped).toEqual(lose(expected, provider.requestLosses, 'provider').names)
  })
})

const wayBack = pairs.filter(({ client, provider }) => client.provider && provider.client)

describe.each(wayBack)('$client.name -> $provider.name -> $client.name', ({ client, provider }) => {
  test.each(requestCasesOf(client))('%s', (name) => {
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
