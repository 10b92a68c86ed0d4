/**
 * Loads a gateway for hours: keys come and go, the configuration is reloaded, one in a hundred answers of the provider
 * fails. At the end its memory must be flat, and its usage rows must be what the provider and the clients know, to the
 * token. `--minutes 120` (the default), `--rate 100` requests per second, `--workers 2`. Exits 1 when anything is wrong.
 */
import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../test/faults/rig/random.ts'
import { Gateway } from '../test/support/gateway.ts'
import { ADMIN_KEY, Metrics } from '../test/support/metrics.ts'
import { AdminClient } from './soak/admin-client.ts'
import { Books } from './soak/books.ts'
import { SETTLE_MS, SoakKeys } from './soak/keys.ts'
import { SoakLoad } from './soak/load.ts'
import { MemoryWatch, type Change, type Growth } from './soak/memory.ts'
import { SoakUpstream } from './soak/upstream.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' },
    rate: { type: 'string', default: '100' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
})
const minutes = Number(values.minutes)
const FAULTS = 0.01
const CHURN_MS = 1_000
const RELOAD_MS = 10_000
const COMPARE_MS = 15_000
const WARM_UP_MINUTES = Math.min(minutes / 3, 10)
/** Of live memory; in a short run caches still fill. */
const MOST_GROWTH = minutes < 30 ? 0.1 : 0.05
const MOST_MB_PER_MINUTE = 0.5
const problems: string[] = []

const upstream = await SoakUpstream.start({ seed: Number(values.seed), faults: FAULTS })
const nowhere = openSync('/dev/null', 'w')
const memory = new MemoryWatch()
const gateway = await Gateway.start(yaml(1), {
  workers: Number(values.workers),
  stdout: nowhere,
  env: { ...memory.env, MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY, SOAK_PROVIDER_KEY: 'soak' },
})
const random = new Random(Number(values.seed) + 1)
const admin = new AdminClient(`http://127.0.0.1:${gateway.port + 1}`, ADMIN_KEY)
const books = new Books(admin, upstream)
const keys = new SoakKeys(admin, random)
for (let count = 0; count < 5; count++) await keys.churn()
await pause(SETTLE_MS)

const load = new SoakLoad({
  url: gateway.url,
  keys,
  random,
  perSecond: Number(values.rate),
  over: books.over,
  lost: (number, problem) => problems.push(`request ${number} got no answer: ${problem}`),
})
let reloads = 0
const timers = [
  every(CHURN_MS, () => keys.churn()),
  every(RELOAD_MS, () => writeFile(join(gateway.folder, 'gateway.yaml'), yaml(2 + (++reloads % 8)))),
  every(COMPARE_MS, async () => {
    await books.compare()
    console.log(`${time()} ${load.sent} requests, ${books.rows} rows, ${books.open} open`)
  }),
]
await pause(WARM_UP_MINUTES * 60_000)
await memory.start(gateway.pid)
await pause((minutes - WARM_UP_MINUTES) * 60_000)
const growth = await memory.stop()

for (const stop of timers) await stop()
await load.stop()
// The records are brought in several times a second.
await pause(3_000)
await books.compare(true)
const metrics = await Metrics.of(gateway)
check(
  metrics.sum('requests_total') === books.rows + books.strangers,
  `${metrics.sum('requests_total')} requests in /metrics, ${books.rows} rows, ${books.strangers} refused`,
)
check(
  metrics.sum('tokens_total') === books.tokens,
  `${metrics.sum('tokens_total')} tokens in /metrics, ${books.tokens} in rows`,
)
check(
  metrics.sum('config_reloads_total', { result: 'success' }) >= reloads - 1,
  'reloads did not take effect',
)
check(metrics.sum('config_reloads_total', { result: 'failure' }) === 0, 'reloads failed')
check(metrics.sum('worker_deaths_total') === 0, 'workers died')
check(metrics.sum('usage_spool_bytes') === 0, 'records are still in the spool')
for (const one of growth) check(isFlat(one), `the memory of ${one.process} grows`)
const attempts = metrics.sum('attempts_total')
check(attempts >= upstream.requests - upstream.failures, 'the upstream was asked more often than is known')

console.log(
  `\n${load.sent} requests in ${minutes} minutes (${load.skipped} not sent), ${upstream.requests} attempts, ${upstream.failures} of them failed on purpose`,
)
console.log(
  `${books.rows} rows: ${[...books.outcomes].map(([name, count]) => `${count} ${name}`).join(', ')}; ${books.exact} compared to the token, ${books.tokens} tokens`,
)
console.log(
  `${keys.made} keys made, ${keys.revoked} revoked, ${books.strangers} requests with those; ${reloads} reloads`,
)
for (const { process: name, live, resident, mbPerMinute } of growth) {
  console.log(
    `${name}: live memory ${change(live)}; resident ${change(resident)}, ${mbPerMinute.toFixed(2)} MB per minute`,
  )
}
await gateway.stop()
closeSync(nowhere)
upstream.close()
for (const problem of [...problems.slice(0, 20), ...books.problems]) console.error(`WRONG: ${problem}`)
process.exit(problems.length + books.problems.length > 0 ? 1 : 0)

function yaml(weight: number): string {
  return `
auth: required
limits:
  - { requests: 100000000, per: year, by: key }
  - { tokens: 1000000000000, per: year, by: "tag:round" }
  - { cost: 1000000000, per: year }
routes:
  - name: chat
    type: llm/v1/chat
    targets:
      - { name: a, weight: ${weight}, model: ${model('soak-a')}, price: { input: 1, output: 2 } }
      - { name: b, weight: 5, model: ${model('soak-b')}, price: { input: 1, output: 2 } }
`
}

function model(name: string): string {
  const url = `http://127.0.0.1:${upstream.port}/v1`
  return `{ provider: openai-compatible, name: ${name}, config: { api_base: "${url}", api_key: $SOAK_PROVIDER_KEY } }`
}

/** Repeats until it is stopped; then what is under way is waited for. */
function every(ms: number, work: () => Promise<unknown>): () => Promise<void> {
  const ending = new AbortController()
  const run = (async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await pause(ms)
      if (!ending.signal.aborted) await work().catch((error: unknown) => problems.push(String(error)))
    }
  })()
  return () => {
    ending.abort()
    return run
  }
}

/** Resident memory follows the live one only over a long time: in minutes it tells how often garbage was collected. */
function isFlat({ live, resident, mbPerMinute }: Growth): boolean {
  if (grownBy(live) > MOST_GROWTH) return false
  return minutes < 30 || grownBy(resident) <= MOST_GROWTH || mbPerMinute <= MOST_MB_PER_MINUTE
}

function grownBy({ beforeMb, afterMb }: Change): number {
  return (afterMb - beforeMb) / beforeMb
}

function change({ beforeMb, afterMb }: Change): string {
  return `${beforeMb.toFixed(1)} -> ${afterMb.toFixed(1)} MB`
}

function check(isRight: boolean, problem: string): void {
  if (!isRight) problems.push(problem)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

function time(): string {
  return new Date().toISOString().slice(11, 19)
}
