import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Behaviour } from '../rig/behaviour.ts'
import type { ProxyFaults } from '../rig/fault-proxy.ts'
import {
  cutsAfter,
  EMPTY,
  ERROR_WITH_STATUS_200,
  failsAfter,
  GZIPPED,
  HTML,
  NEVER_ANSWERS,
  refuses,
  says,
  stallsAfter,
  WRONG_TYPE,
} from '../rig/provider-faults.ts'
import { Random } from '../rig/random.ts'
import { IS_WHOLE } from '../rig/report.ts'
import { FaultStage, IMPATIENT, type Place, type RouteSpec } from '../rig/stage.ts'
import type { WireDialect } from '../rig/wire-bodies.ts'

/** What may be wrong with one target: with its provider, or with the network before it. */
interface Fault {
  readonly name: string
  readonly provider?: Behaviour
  readonly network?: ProxyFaults
}

const FAULTS: readonly Fault[] = [
  { name: 'refuses connections', network: { connect: 'refuse' } },
  { name: 'swallows connections', network: { connect: 'blackhole' } },
  { name: 'never answers', provider: NEVER_ANSWERS },
  { name: 'silent after the headers', provider: stallsAfter(0) },
  { name: 'stalls after 2 pieces', provider: stallsAfter(2) },
  { name: 'ends without its end', provider: cutsAfter(2, 'end') },
  { name: 'FIN mid-answer', provider: cutsAfter(2, 'fin') },
  { name: 'RST within a chunk', provider: cutsAfter(1, 'rst', 'chunk') },
  { name: 'RST within a character', provider: cutsAfter(3, 'rst', 'character') },
  { name: 'RST on reused connections', network: { idleRace: { how: 'rst' } } },
  { name: 'FIN on reused connections', network: { idleRace: { how: 'fin', isDelivered: true } } },
  { name: 'every connection ends after 900 bytes', network: { cut: { afterBytes: 900, how: 'rst' } } },
  { name: '429, Retry-After: 1', provider: refuses(429, { 'retry-after': '1' }) },
  { name: '429, Retry-After: 3600', provider: refuses(429, { 'retry-after': '3600' }) },
  { name: '500', provider: refuses(500) },
  { name: '503', provider: refuses(503) },
  { name: '529', provider: refuses(529) },
  { name: '401', provider: refuses(401) },
  { name: '400', provider: refuses(400) },
  { name: '404', provider: refuses(404) },
  { name: 'an error with status 200', provider: ERROR_WITH_STATUS_200 },
  { name: 'an error as the first event', provider: failsAfter(0) },
  { name: 'an error event after 2 pieces', provider: failsAfter(2) },
  { name: 'HTML', provider: HTML },
  { name: 'nothing with status 200', provider: EMPTY },
  { name: 'another content type', provider: WRONG_TYPE },
  { name: 'gzip', provider: GZIPPED },
  { name: 'no HTTP', provider: says('SSH-2.0-OpenSSH_9.2\r\n\r\n') },
  { name: 'a redirect', provider: { status: 302, headers: { location: 'http://localhost:1/' } } },
  { name: 'one byte per packet', network: { sliceBytes: 1 } },
  { name: '300 ms late', network: { latencyMs: 300 } },
  { name: '4 kB per second', network: { bytesPerSecond: 4_000 } },
  { name: 'slow to its first piece', provider: { firstEventDelayMs: 900 } },
]

const PAIRS = 60
const SEED = 60_000

interface Pair {
  readonly number: number
  readonly seed: number
  readonly faults: readonly [Fault, Fault]
  readonly dialects: readonly [WireDialect, WireDialect]
  readonly hasFallback: boolean
}

function planPair(number: number): Pair {
  const seed = SEED + number
  const random = new Random(seed)
  const first = random.pick(FAULTS)
  const second = random.pick(FAULTS.filter((fault) => fault !== first))
  const dialect = (): WireDialect => random.pick(['openai', 'anthropic', 'gemini'] as const)
  return {
    number,
    seed,
    faults: [first, second],
    dialects: [dialect(), dialect()],
    hasFallback: random.chance(0.5),
  }
}

const ALL = Array.from({ length: PAIRS }, (_, index) => planPair(index + 1))
/** One in twelve is enough to see that the pairs still play. */
const PLAYED = IS_WHOLE ? ALL : ALL.filter(({ number }) => number % 12 === 1)

function routeOf({ number, dialects: [first, second], hasFallback }: Pair): RouteSpec {
  return {
    name: `pair-${number}`,
    targets: [
      { at: 'one', speaks: first },
      { at: 'two', speaks: second },
    ],
    // Breakers are on, as they are by default.
    more: {
      circuit_breaker: { failures: 5 },
      timeout: IMPATIENT,
      ...(hasFallback ? { fallbacks: [{ route: 'safe' }] } : {}),
    },
  }
}

let stage: FaultStage

beforeAll(async () => {
  const safe: RouteSpec = { name: 'safe', targets: [{ at: 'calm' }] }
  stage = await FaultStage.start([safe, ...PLAYED.map(routeOf)])
})

afterAll(() => stage?.close())

beforeEach(() => stage.mend())

async function apply(fault: Fault, place: Place, model: string): Promise<void> {
  if (fault.provider) place.provider.plays(model, fault.provider)
  await place.proxy.set(fault.network ?? {})
}

it.each(PLAYED)('pair $number: $faults.0.name, $faults.1.name', async (pair) => {
  const route = `pair-${pair.number}`
  const [first, second] = pair.faults
  await apply(first, stage.one, route)
  await apply(second, stage.two, route)
  const { outcomes } = await stage.play({
    row: `pair ${pair.number}`,
    fault: `${first.name} + ${second.name}${pair.hasFallback ? ', and a healthy fallback' : ''}`,
    expected: 'every client has a proper end, and the accounts are equal',
    routes: [route],
    seed: pair.seed,
    requests: IS_WHOLE ? 200 : 24,
    maxUnseenAttempts: pair.faults.some(({ network }) => network) ? Infinity : 0,
  })
  expect(outcomes.length).toBeGreaterThan(0)
})
