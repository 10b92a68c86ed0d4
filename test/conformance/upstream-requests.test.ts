import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { startFakeUpstream, type FakeUpstream, type UpstreamRequest } from './fake-upstream.ts'
import { startGateway, type TestGateway } from './gateway.ts'
import { intendedUpstreamRequests } from './intended-differences.ts'
import {
  haveRecordings,
  NO_RECORDINGS,
  readCases,
  readConfig,
  readSession,
  readUpstreamRequests,
  type Exchange,
  type RecordedUpstreamRequest,
} from './recordings.ts'

/** The headers that carry a credential or what it may be used for. */
const AUTH_HEADERS: ReadonlySet<string> = new Set(['authorization', 'api-key', 'openai-organization'])

const recordings = haveRecordings ? readUpstreamRequests() : []

test('there are recorded requests to a provider to compare with', ({ skip }) => {
  skip(!haveRecordings, NO_RECORDINGS)
  expect(recordings).not.toEqual([])
})

describe.skipIf(!haveRecordings)('the provider behind a gateway of MLflow 2.5', () => {
  let upstream: FakeUpstream
  let gateway: TestGateway
  let sent: Sent[] = []

  beforeAll(async () => {
    upstream = await startFakeUpstream()
    gateway = await startGateway(readConfig('config-2.5', upstream.host), { OPENAI_API_KEY: 'envkey' })
    for (const { request } of exchangesOf25()) await ask(gateway.port, request)
    // What the recordings of 2.5 leave out, the seed's hold: the same requests on the other path.
    for (const { request } of readCases('obs-seed-')) {
      const path = request.path.replace(/^\/gateway\/routes\/(\w+)$/, '/gateway/$1/invocations')
      if (request.method === 'POST' && path !== request.path) await ask(gateway.port, { ...request, path })
    }
    sent = upstream.requests.map(toSent)
  })

  afterAll(async () => {
    await gateway?.close()
    await upstream?.close()
  })

  test.each(recordings.map((recording, index) => [describeRecording(recording, index), recording] as const))(
    'gets the same path, credential and members: %s',
    (_description, recording) => {
      expect(sent).toContainEqual(toExpected(recording))
    },
  )

  test('gets nothing that MLflow would not have sent', async () => {
    const allowed = recordings.map(toExpected)
    const before = upstream.requests.length
    for (const { request } of exchangesOf25()) {
      // Anthropic was never asked by MLflow: its refusals came before.
      if (!request.path.includes('claude')) await ask(gateway.port, request)
    }
    const asked = upstream.requests.slice(before).map(toSent)
    expect(asked.length).toBeGreaterThan(0)
    for (const request of asked) expect(allowed).toContainEqual(request)
  })

  test('gets a body of JSON that says so and how long it is', () => {
    for (const { headers } of upstream.requests) {
      expect(headers['content-type']).toBe('application/json')
      expect(Number(headers['content-length'])).toBeGreaterThan(0)
    }
  })
})

test.skipIf(!haveRecordings)('every listed difference applies to a recorded request', () => {
  const idle = intendedUpstreamRequests.filter(
    ({ applies }) => !recordings.some(({ path, body }) => applies(path, body)),
  )
  expect(idle).toEqual([])
})

function exchangesOf25(): Exchange[] {
  return [...readCases('obs-25-'), ...readSession('golden-2.5.0')].filter(
    ({ request }) => request.method === 'POST',
  )
}

interface Sent {
  path: string
  auth: Record<string, string>
  body: Readonly<Record<string, unknown>>
}

function toSent({ path, headers, body }: UpstreamRequest): Sent {
  return { path, auth: authOf(headers), body }
}

function toExpected({ path, headers, body }: RecordedUpstreamRequest): Sent {
  const expected: Sent = { path, auth: authOf(headers), body }
  for (const difference of intendedUpstreamRequests.filter(({ applies }) => applies(path, body))) {
    if (difference.path !== undefined) expected.path = difference.path
    expected.body = { ...expected.body, ...difference.members }
  }
  return expected
}

function authOf(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const auth: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (AUTH_HEADERS.has(name.toLowerCase())) auth[name.toLowerCase()] = String(value)
  }
  return auth
}

function describeRecording({ path, body }: RecordedUpstreamRequest, index: number): string {
  return `${index} ${path} ${JSON.stringify(body).slice(0, 120)}`
}
