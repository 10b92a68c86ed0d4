import { afterAll, beforeAll, expect, it } from 'vitest'
import { configText } from '../../support/config-text.ts'
import { signal } from '../../support/processes.ts'
import { waitFor } from '../../support/wait.ts'
import { Canaries } from './canaries.ts'
import { planLoad } from './clients.ts'
import { GatewayUnderTest } from './gateway-under-test.ts'
import { ANY_MODEL, MockProvider } from './provider.ts'
import { ANSWERS, cutsAfter } from './provider-faults.ts'
import { countEnds, playRun } from './run.ts'

const MEBIBYTE = 1024 * 1024
const canaries = new Canaries()
const key = canaries.make('provider key')

let provider: MockProvider
let gateway: GatewayUnderTest

beforeAll(async () => {
  provider = await MockProvider.start()
  const yaml = configText([
    { name: 'plain', base: `${provider.url}/v1`, key: '$KEY' },
    { name: 'other', provider: 'anthropic', base: provider.url, key: '$KEY' },
  ])
  gateway = await GatewayUnderTest.start(yaml, { env: { KEY: key } })
})

afterAll(async () => {
  await gateway?.stop()
  await provider?.close()
})

it('a run is without violations when it has no faults, or when the gateway copes with them', async () => {
  provider.plays(ANY_MODEL, ({ isStream }) => (isStream ? cutsAfter(2, 'rst', 'chunk') : ANSWERS))
  const shots = planLoad({ seed: 1, requests: 60, ratePerSecond: 200, routes: ['plain', 'other'] })
  const { outcomes, facts, violations } = await playRun(
    { gateway, providers: [provider], canaries },
    { shots, maxResidentBytes: 400 * MEBIBYTE, keys: { provider: [key] } },
  )
  expect(violations).toEqual([])
  const streams = shots.filter(({ stream }) => stream).length
  expect(countEnds(outcomes)).toEqual({ '200 answer': 60 - streams, '200 broken': streams })
  expect(facts.health.peakResidentBytes).toBeGreaterThan(20 * MEBIBYTE)
})

it('a worker that dies is counted', async () => {
  const [worker = 0] = gateway.gateway.workers()
  signal(worker, 'SIGKILL')
  await waitFor('the death', () => gateway.workerRestarts > 0)
  expect(gateway.workerRestarts).toBe(1)
})
