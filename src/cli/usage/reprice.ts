import { loadConfig } from '../../config/load.ts'
import { NOT_READ } from '../../config/secrets.ts'
import type { Database, UsageSummary } from '../../core/database.ts'
import { costUsd, type Price } from '../../core/prices.ts'
import { usageOf } from '../../core/usage.ts'
import { priceVersionOf, roundUsd } from '../../gateway/usage-record.ts'
import { priceOf } from '../../prices/index.ts'
import type { StoreOptions } from '../open-store.ts'
import { withStore } from '../with-store.ts'
import { readPeriod, type Period, type PeriodOptions } from './period.ts'

export interface RepriceOptions extends StoreOptions, PeriodOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
}

type Cost = Pick<UsageSummary, 'costUsd' | 'priceVersion'>

interface Outcome {
  readonly requests: number
  readonly changed: number
  readonly beforeUsd: number
  readonly afterUsd: number
}

/** `mlflow-gateway reprice`. Prices that stand in the configuration go before those of the table. */
export function reprice({ dryRun = false, json = false, ...rest }: RepriceOptions): Promise<number> {
  return withStore(rest, async (database, actor) => {
    const period = readPeriod(rest, Date.now())
    const prices = await readPrices(rest.configPath ?? process.env['MLFLOW_GATEWAY_CONFIG'])
    const outcome = await repriceAll(database, { period, prices, isDry: dryRun })
    if (!dryRun && outcome.changed > 0) {
      const after = { ...toTimes(period), ...outcome }
      await database.audit.append({ actor, action: 'usage.reprice', object: 'usage', before: null, after })
    }
    process.stdout.write(json ? `${JSON.stringify(outcome)}\n` : inWords(outcome, dryRun))
    return 0
  })
}

const PAGE = 500

async function repriceAll(
  { usage }: Pick<Database, 'usage'>,
  { period, prices, isDry }: { period: Period; prices: ConfiguredPrices; isDry: boolean },
): Promise<Outcome> {
  let [requests, changed, beforeUsd, afterUsd] = [0, 0, 0, 0]
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await usage.list({ ...period, limit: PAGE, ...(after !== undefined && { after }) })
    const costs = new Map<string, Cost>()
    for (const row of page.rows) {
      const cost = costOf(row, prices)
      requests++
      beforeUsd += row.costUsd ?? 0
      afterUsd += cost.costUsd ?? 0
      if (cost.costUsd !== row.costUsd || cost.priceVersion !== row.priceVersion) costs.set(row.id, cost)
    }
    changed += isDry ? costs.size : await usage.reprice(costs)
    after = page.next
  }
  return { requests, changed, beforeUsd: roundUsd(beforeUsd), afterUsd: roundUsd(afterUsd) }
}

/** What a request costs by the prices of now. What nobody was paid for, or what was never counted, stays as it is. */
function costOf(row: UsageSummary, prices: ConfiguredPrices): Cost {
  const { provider, model, cache, target, tokens, webSearches, searchUnits } = row
  // Somebody else paid: a client with a key of its own.
  if (row.costUsd === 0 && row.priceVersion === null) return row
  if (provider === null || target === null || cache === 'hit' || row.outcome === 'aborted') return row
  const price = priceOf({ provider, model }, prices.of(row))
  if (!price) return { costUsd: null, priceVersion: null }
  const cost = tokens ? costUsd({ ...usageOf(tokens), webSearches, searchUnits }, price) : undefined
  return { costUsd: cost === undefined ? null : roundUsd(cost), priceVersion: priceVersionOf(price) }
}

/** Those that stand in a configuration, by route and target. */
interface ConfiguredPrices {
  of(row: Pick<UsageSummary, 'route' | 'target'>): Price | undefined
}

async function readPrices(file: string | undefined): Promise<ConfiguredPrices> {
  if (file === undefined) return { of: () => undefined }
  const loaded = await loadConfig(file, { stored: NOT_READ })
  // It was loaded to find the store, so that its mistakes were told.
  const routes = loaded.ok ? loaded.config.routes : []
  const byPlace = new Map<string, Price>()
  const byTarget = new Map<string, Price>()
  for (const { name, targets } of routes) {
    for (const target of targets) {
      if (!target.price) continue
      byPlace.set(placeOf(name, target.name), target.price)
      byTarget.set(target.name, target.price)
    }
  }
  return {
    of({ route, target }) {
      // One of several keys of a target has its number behind the name.
      const name = target?.replace(/#\d+$/, '') ?? ''
      // What a fallback's target answered is kept under the route that was asked for.
      return byPlace.get(placeOf(route ?? '', name)) ?? byTarget.get(name)
    },
  }
}

function placeOf(route: string, target: string): string {
  return `${route}\n${target}`
}

function toTimes({ since, until }: Period): Record<string, string> {
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString() }
}

function inWords({ requests, changed, beforeUsd, afterUsd }: Outcome, isDry: boolean): string {
  const what = `${changed} of ${requests} requests ${isDry ? 'would change' : 'changed'}`
  return `${what}: from ${beforeUsd} USD to ${afterUsd} USD\n`
}
