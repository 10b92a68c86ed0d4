import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { startFakeUpstream, type FakeUpstream } from './fake-upstream.ts'
import { startGateway, type TestGateway } from './gateway.ts'
import { intendedAnswers } from './intended-differences.ts'
import {
  haveRecordings,
  NO_RECORDINGS,
  onlyNew,
  readCases,
  readConfig,
  readSession,
  type Exchange,
} from './recordings.ts'

interface Suite {
  name: string
  config: 'config-seed' | 'config-2.5'
  /** YAML after the recorded configuration. */
  settings?: string
  exchanges: Exchange[]
}

const suites = haveRecordings ? readSuites() : []

test('there are recorded exchanges of every version to replay', ({ skip }) => {
  skip(!haveRecordings, NO_RECORDINGS)
  expect(suites.filter(({ exchanges }) => exchanges.length === 0)).toEqual([])
})

describe.each(suites)('a client of $name', ({ config, settings, exchanges }) => {
  let upstream: FakeUpstream
  let gateway: TestGateway

  beforeAll(async () => {
    upstream = await startFakeUpstream()
    const yaml = `${readConfig(config, upstream.host)}\n${settings ?? ''}`
    gateway = await startGateway(yaml, { OPENAI_API_KEY: 'envkey' })
  })

  afterAll(async () => {
    await gateway?.close()
    await upstream?.close()
  })

  test.each(exchanges.map((exchange) => [describeExchange(exchange), exchange] as const))(
    "gets the contract's answer: %s",
    async (_description, exchange) => {
      const answer = await ask(gateway.port, exchange.request)
      const wanted = wantedAnswer(exchange)
      const host = `127.0.0.1:${gateway.port}`
      const headers = Object.fromEntries(
        Object.keys(wanted.headers).map((name) => [
          name,
          answer.headers[name]?.toString().replace(host, '{host}'),
        ]),
      )
      const body = wanted.body === undefined ? undefined : answer.body
      expect({ status: answer.status, headers, body }).toEqual(wanted)
      intendedAnswers[exchange.id]?.expect.check?.(answer.body, exchange.body ?? '')
    },
  )
})

test.skipIf(!haveRecordings)('every listed difference is one', () => {
  const same = suites
    .flatMap(({ exchanges }) => exchanges)
    .filter((exchange) => exchange.id in intendedAnswers)
    .filter((exchange) => JSON.stringify(wantedAnswer(exchange)) === JSON.stringify(recordedAnswer(exchange)))
  expect(same).toEqual([])
})

test.skipIf(!haveRecordings)('every listed difference belongs to a recorded exchange', () => {
  const ids = new Set(suites.flatMap(({ exchanges }) => exchanges.map(({ id }) => id)))
  expect(Object.keys(intendedAnswers).filter((id) => !ids.has(id))).toEqual([])
})

function readSuites(): Suite[] {
  const seed = readCases('obs-seed-')
  const current = readCases('obs-25-')
  const moreOfSeed = onlyNew(readSession('golden-seed'), seed)
  const moreOf25 = onlyNew(readSession('golden-2.5.0'), current)
  const moreOf28 = onlyNew(readSession('golden-2.8.1'), [...current, ...moreOf25])
  return [
    { name: 'June 2023', config: 'config-seed', exchanges: [...seed, ...moreOfSeed] },
    { name: 'MLflow 2.5', config: 'config-2.5', exchanges: [...current, ...moreOf25] },
    { name: 'MLflow 2.8', config: 'config-2.5', exchanges: moreOf28 },
    {
      name: 'MLflow 2.9',
      config: 'config-2.5',
      settings: 'server: {invocations_shape: openai}',
      exchanges: onlyNew(readSession('golden-2.9.2'), []),
    },
  ]
}

function describeExchange({ id, request: { method, path, body } }: Exchange): string {
  return `${id} ${method} ${path} ${(body ?? '').slice(0, 80)}`.trimEnd()
}

interface ExactAnswer {
  status: number
  headers: Record<string, string>
  /** Undefined is any. */
  body: string | undefined
}

/** What the gateway must answer: the recorded answer, or the intended one. */
function wantedAnswer(exchange: Exchange): ExactAnswer {
  const intended = intendedAnswers[exchange.id]
  if (!intended) return recordedAnswer(exchange)
  const { status, headers, body } = intended.expect
  if (body === '') return { status, headers: { ...headers }, body }
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  }
}

function recordedAnswer({ status, headers, body }: Exchange): ExactAnswer {
  return { status, headers, body }
}
