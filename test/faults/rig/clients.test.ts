import { afterAll, beforeAll, expect, it } from 'vitest'
import { planLoad, runLoad } from './clients.ts'
import { ANY_MODEL, MockProvider } from './provider.ts'

let provider: MockProvider

beforeAll(async () => {
  provider = await MockProvider.start()
})

afterAll(() => provider.close())

const PLAN = { seed: 7, requests: 60, ratePerSecond: 600, routes: ['a', 'b'] }

it('the same seed makes the same load, another seed another', () => {
  const plan = { ...PLAN, leaveShare: 0.2 }
  expect(planLoad(plan)).toEqual(planLoad(plan))
  expect(planLoad({ ...plan, seed: 8 })).not.toEqual(planLoad(plan))
})

it('a load mixes tenants, routes, dialects, and whole and streamed requests', () => {
  const shots = planLoad({ ...PLAN, leaveShare: 0.2, firstNumber: 100 })
  const kinds = shots.map(({ dialect, route, stream, headers }) => [
    dialect,
    route,
    stream,
    headers?.['authorization'],
  ])
  expect(new Set(kinds.flat()).size).toBe(3 + 2 + 2 + 4)
  expect(new Set(shots.map(({ marker }) => marker.split('R')[1])).size).toBe(60)
  expect(shots.filter(({ leaveAfterMs }) => leaveAfterMs !== undefined).length).toBeGreaterThan(3)
})

it('requests leave when they are due, not when earlier ones are answered', async () => {
  provider.plays(ANY_MODEL, { headDelayMs: 600 })
  const outcomes = await runLoad(planLoad(PLAN), { url: provider.url })
  expect(outcomes.map(({ verdict }) => verdict.kind)).toEqual(Array(60).fill('answer'))
  // The last is due after 98 ms: all have come in before the first was answered.
  const firstEnd = Math.min(...provider.ledger.map(({ endedAt = 0 }) => endedAt))
  expect(provider.ledger.filter(({ at }) => at < firstEnd).length).toBeGreaterThan(40)
  expect(Math.min(...outcomes.map(({ firstByteMs }) => firstByteMs))).toBeGreaterThan(590)
})
