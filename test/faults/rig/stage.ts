import assert from 'node:assert/strict'
import { waitFor } from '../../support/wait.ts'
import { Canaries } from './canaries.ts'
import { planLoad, runLoad } from './clients.ts'
import { FaultProxy } from './fault-proxy.ts'
import { GatewayUnderTest } from './gateway-under-test.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Outcome, Shot } from './outcome.ts'
import { MockProvider } from './provider.ts'
import type { RunFacts } from './reconcile.ts'
import { IS_WHOLE, report } from './report.ts'
import { countEnds, playRun } from './run.ts'
import type { WireDialect } from './wire-bodies.ts'

/** A provider, the network before it, and the key that the gateway has for it. */
export interface Place {
  readonly provider: MockProvider
  readonly proxy: FaultProxy
  readonly key: string
}

export type PlaceName = 'one' | 'two' | 'calm'

/** Where a route's requests go. */
export interface TargetSpec {
  readonly at: PlaceName
  readonly speaks?: WireDialect
  /** Instead of the place's own, such as a port where nobody listens. */
  readonly url?: string
}

export interface RouteSpec {
  /** Also the name of the model, by which the providers choose their script. */
  readonly name: string
  readonly targets: readonly TargetSpec[]
  /** Further keys of the route. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** One run on the stage. */
export interface Performance {
  readonly row: number | string
  readonly fault: string
  readonly expected: string
  /** What is asked; else a load on these routes. */
  readonly shots?: readonly Shot[]
  readonly routes?: readonly string[]
  readonly requests?: number
  readonly ratePerSecond?: number
  readonly streamShare?: number
  readonly dialects?: readonly WireDialect[]
  readonly seed?: number
  readonly maxUnseenAttempts?: number
  readonly maxResidentMiB?: number
  readonly isNoAttempt?: (entry: LedgerEntry) => boolean
  /** What else is to be told of it. */
  note?(scored: Score): string
}

/** How it went. */
export interface Score {
  /** Of the row's own requests. */
  readonly outcomes: readonly Outcome[]
  readonly ends: Readonly<Record<string, number>>
  /** Of requests to a healthy route meanwhile. */
  readonly bystanders: readonly Outcome[]
  readonly facts: RunFacts
  /** The requests that the providers saw for the row's own. */
  readonly ledger: readonly LedgerEntry[]
  /** Attempts that the log tells of for the row's own requests. */
  readonly attempts: number
}

const MEBIBYTE = 1024 * 1024
/** The total timeout and five seconds: by then every client has an end. */
const TOTAL_MS = 8_000
const DEADLINE_MS = TOTAL_MS + 5_000
const FIRST_BYSTANDER = 900_000
const EARNING = 800_000
/** Repetitions that earlier rows may have made without having earned them. */
const MOST_SPENT = 16
const SEED = 2026

/** For rows about silence: it shows soon, and a busy machine is not taken for it. */
export const IMPATIENT = { connect: '500ms', first_token: '2s', idle: '1200ms' } as const

/** What a busy machine keeps, too; nothing is remembered of faults unless a route wants it. */
const DEFAULTS = {
  timeout: { connect: '3s', first_token: '6s', idle: '5s', total: `${TOTAL_MS}ms` },
  retries: { max: 2, backoff: { initial: '20ms', max: '60ms' } },
  circuit_breaker: { failures: 0 },
}

const CALM = { timeout: { connect: '20s', first_token: '20s', idle: '20s', total: '60s' } } as const

/** Two providers that fail, one that does not, and a gateway before them: what the rows of one file share. */
export class FaultStage {
  readonly one: Place
  readonly two: Place
  readonly calm: Place
  readonly gateway: GatewayUnderTest
  readonly #canaries: Canaries
  #nextNumber = 1

  private constructor(places: Record<PlaceName, Place>, gateway: GatewayUnderTest, canaries: Canaries) {
    this.one = places.one
    this.two = places.two
    this.calm = places.calm
    this.gateway = gateway
    this.#canaries = canaries
    this.reset()
  }

  /** Serves when it resolves. End it with `close`. */
  static async start(
    routes: readonly RouteSpec[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<FaultStage> {
    const canaries = new Canaries()
    const places = {
      one: await openPlace('one', canaries),
      two: await openPlace('two', canaries),
      calm: await openPlace('calm', canaries),
    }
    const calm = { name: 'calm', targets: [{ at: 'calm' }], more: CALM } as const
    const config = {
      defaults: DEFAULTS,
      routes: [calm, ...routes].map((route) => routeConfig(route, places)),
    }
    const keys = { ONE: places.one.key, TWO: places.two.key, CALM: places.calm.key }
    // A text in JSON is one in YAML.
    const gateway = await GatewayUnderTest.start(JSON.stringify(config), { env: { ...keys, ...env } })
    return new FaultStage(places, gateway, canaries)
  }

  /** Providers answer well, networks are sound, and nobody has asked yet. */
  reset(): void {
    for (const { provider } of this.#places) provider.reset()
    this.calm.provider.plays('calm', { events: IS_WHOLE ? 40 : 10, cadenceMs: 40 })
  }

  /** The same, for networks too: connections that were kept are no more. */
  async mend(): Promise<void> {
    this.reset()
    for (const { proxy } of this.#places) {
      await proxy.set({})
      proxy.endAll('fin')
      await waitFor('kept connections to end', () => proxy.open === 0)
    }
  }

  /** Enough healthy requests that the worker's retry budget allows for so many repetitions now, whatever was before. */
  async earnRetries(count: number): Promise<void> {
    const requests = 5 * (count + MOST_SPENT)
    const plan = { seed: SEED, requests, ratePerSecond: 2_000, routes: ['calm'], streamShare: 0 }
    const outcomes = await runLoad(planLoad({ ...plan, firstNumber: EARNING }), { url: this.gateway.url })
    assert.deepEqual(countEnds(outcomes), { '200 answer': requests })
  }

  /** A number for a marker that nobody else has on this stage. */
  takeNumbers(count: number): number {
    const first = this.#nextNumber
    this.#nextNumber += count
    return first
  }

  /** Play a row, note its result, and hold its accounts against each other. */
  async play(performance: Performance): Promise<Score> {
    const { row, fault, expected, seed = SEED, maxUnseenAttempts, maxResidentMiB = 400 } = performance
    const shots = performance.shots ?? this.#load(performance, seed)
    for (const { provider } of this.#places) provider.ledger.length = 0
    const bystanders = this.#bystanders(seed)
    const all = [...shots, ...bystanders].toSorted((one, other) => one.dueMs - other.dueMs)
    const { outcomes, facts, violations } = await playRun(
      {
        gateway: this.gateway,
        providers: this.#places.map(({ provider }) => provider),
        canaries: this.#canaries,
      },
      {
        shots: all,
        deadlineMs: DEADLINE_MS,
        maxResidentBytes: maxResidentMiB * MEBIBYTE,
        keys: Object.fromEntries(this.#places.map(({ provider, key }) => [provider.name, [key]])),
        ...(maxUnseenAttempts === undefined ? {} : { maxUnseenAttempts }),
        ...(performance.isNoAttempt ? { isNoAttempt: performance.isNoAttempt } : {}),
      },
    )
    const score = scoreOf(outcomes, facts)
    const note = performance.note?.(score)
    const { ends, attempts } = score
    const requests = score.outcomes.length
    report({
      row: String(row),
      fault,
      expected,
      seed,
      requests,
      ends,
      attempts,
      violations,
      ...(note === undefined ? {} : { note }),
    })
    assert.deepEqual(violations, [], 'violations')
    assert.deepEqual(countEnds(score.bystanders), { '200 answer': bystanders.length }, 'bystanders')
    return score
  }

  async close(): Promise<void> {
    await this.gateway.stop()
    for (const { proxy, provider } of this.#places) {
      await proxy.close()
      await provider.close()
    }
  }

  get #places(): readonly Place[] {
    return [this.one, this.two, this.calm]
  }

  #load(performance: Performance, seed: number): Shot[] {
    const { routes = [], streamShare, dialects } = performance
    const { requests = IS_WHOLE ? 300 : 24, ratePerSecond = IS_WHOLE ? 100 : 80 } = performance
    return planLoad({
      seed,
      requests,
      ratePerSecond,
      routes,
      firstNumber: this.takeNumbers(requests),
      ...(streamShare === undefined ? {} : { streamShare }),
      ...(dialects ? { dialects } : {}),
    })
  }

  #bystanders(seed: number): Shot[] {
    const requests = IS_WHOLE ? 50 : 4
    const firstNumber = FIRST_BYSTANDER + this.takeNumbers(requests)
    return planLoad({
      seed: seed + 1,
      requests,
      ratePerSecond: 200,
      firstNumber,
      routes: ['calm'],
      streamShare: 1,
    })
  }
}

async function openPlace(name: PlaceName, canaries: Canaries): Promise<Place> {
  const provider = await MockProvider.start(name)
  return { provider, proxy: await FaultProxy.start(provider.port), key: canaries.make(name) }
}

/** The keys of a provider's configuration, and what stands behind its base URL. */
const PROVIDERS = {
  openai: { base: 'openai_api_base', key: 'openai_api_key', path: '/v1' },
  anthropic: { base: 'anthropic_api_base', key: 'anthropic_api_key', path: '' },
  gemini: { base: 'gemini_api_base', key: 'gemini_api_key', path: '' },
} as const

function routeConfig({ name, targets, more }: RouteSpec, places: Record<PlaceName, Place>): object {
  return {
    name,
    type: 'llm/v1/chat',
    strategy: 'priority',
    targets: targets.map(({ at, speaks = 'openai', url = places[at].proxy.url }) => {
      const { base, key, path } = PROVIDERS[speaks]
      const config = { [base]: url + path, [key]: `$${at.toUpperCase()}` }
      return { name: at, model: { provider: speaks, name, config } }
    }),
    ...more,
  }
}

function isBystander({ shot }: Outcome): boolean {
  return shot.route === 'calm'
}

function scoreOf(all: readonly Outcome[], facts: RunFacts): Score {
  const outcomes = all.filter((outcome) => !isBystander(outcome))
  const own = new Set(outcomes.map(({ shot }) => shot.marker))
  const attempts = outcomes.reduce((sum, outcome) => sum + attemptsOf(outcome, facts), 0)
  return {
    outcomes,
    ends: countEnds(outcomes),
    bystanders: all.filter(isBystander),
    facts,
    ledger: facts.ledger.filter(({ markers }) => own.has(markers[0] ?? '')),
    attempts,
  }
}

/** Of one request, as the gateway tells it. */
export function attemptsOf({ headers }: Outcome, { loggedAttempts }: RunFacts): number {
  const id = headers['x-gateway-request-id']
  return loggedAttempts.get(String(id)) ?? 0
}
