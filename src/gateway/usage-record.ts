import { createHash } from 'node:crypto'
import { costUsd, type Price } from '../core/prices.ts'
import { answering, type AttemptRecord } from '../core/trail.ts'
import type { AttemptUsage, UsageOutcome, UsageRecord } from '../core/usage-record.ts'
import { classifyUsage } from '../core/usage.ts'
import type { CallRecord } from './record.ts'

/** What is kept of a request for good. */
export function toUsageRecord(record: CallRecord): UsageRecord {
  const { trail, usage, error, caller } = record
  const served = answering(trail)
  const model = served?.model ?? record.route?.model
  const identity = caller?.identity
  return {
    id: record.id,
    at: Math.round(Date.now() - (performance.now() - trail.startedAt)),
    keyId: identity?.id ?? null,
    keyName: identity?.name ?? null,
    user: identity?.user ?? null,
    team: identity?.team ?? null,
    tags: identity?.tags ?? {},
    route: record.route?.name ?? null,
    target: served?.target ?? null,
    provider: model?.provider ?? null,
    model: model?.name ?? null,
    modelServed: record.modelServed ?? null,
    dialect: record.dialect,
    endpoint: record.path,
    stream: record.stream,
    status: record.status,
    outcome: outcomeOf(record),
    error: error?.kind ?? null,
    tokens: usage ? classifyUsage(usage) : null,
    isEstimated: record.isEstimated,
    webSearches: usage?.webSearches ?? 0,
    searchUnits: usage?.searchUnits ?? 0,
    ...costOf(record, served),
    durationMs: tenths(record.durationMs),
    firstByteMs: tenths(record.firstByteMs),
    tokensPerSecond: tokensPerSecond(record),
    cache: trail.cache ?? null,
    requestBytes: record.requestBytes,
    responseBytes: record.responseBytes,
    attempts: trail.attempts.slice(-MAX_ATTEMPTS).map(toAttempt),
  }
}

/** What a request leaves if its process dies before its end. */
export function toAbortedRecord(record: CallRecord): UsageRecord {
  return { ...toUsageRecord(record), outcome: 'aborted', costUsd: null, tokensPerSecond: null }
}

/** Keeps the record's line short, however routes, keys and retries combine. */
const MAX_ATTEMPTS = 32

/** After its first content a failure cannot change the status any more. */
function outcomeOf({ error, status }: CallRecord): UsageOutcome {
  if (!error) return 'ok'
  if (error.kind === 'canceled') return 'canceled'
  return status < 400 ? 'cut' : 'error'
}

/** Nobody here paid when no provider was asked, or with a client's key. What a failed attempt cost is not guessed. */
export function costOf(
  { usage, trail }: Pick<CallRecord, 'usage' | 'trail'>,
  served: AttemptRecord | undefined,
): Pick<UsageRecord, 'costUsd' | 'priceVersion'> {
  if (!served || trail.cache === 'hit' || trail.hasClientKey) return { costUsd: 0, priceVersion: null }
  const { price } = served
  if (!price) return { costUsd: null, priceVersion: null }
  const cost = usage && costUsd(usage, price)
  return { costUsd: cost === undefined ? null : roundUsd(cost), priceVersion: priceVersionOf(price) }
}

/** Names a price by its figures: twelve digits of their digest. */
export function priceVersionOf(price: Price): string {
  const known = versions.get(price)
  if (known !== undefined) return known
  const version = createHash('sha256').update(JSON.stringify(price)).digest('hex').slice(0, 12)
  versions.set(price, version)
  return version
}

const versions = new WeakMap<Price, string>()

function tokensPerSecond({ usage, durationMs, firstByteMs, stream }: CallRecord): number | null {
  const seconds = (durationMs - firstByteMs) / 1000
  if (!stream || usage?.outputTokens === undefined || seconds <= 0) return null
  return tenths(usage.outputTokens / seconds)
}

function toAttempt(attempt: AttemptRecord): AttemptUsage {
  const { route, target, model, reason, startedMs, waitedMs, lostUsd } = attempt
  return {
    route,
    target,
    provider: model.provider,
    model: model.name,
    reason,
    // One that is still under way when its request has ended goes with it.
    outcome: attempt.outcome ?? 'canceled',
    startedMs: tenths(startedMs),
    tookMs: tenths(attempt.tookMs ?? 0),
    waitedMs: tenths(waitedMs),
    lostUsd: lostUsd === undefined ? null : roundUsd(lostUsd),
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}

/** Whole billionths of a dollar, as they are kept. */
export function roundUsd(usd: number): number {
  return Math.round(usd * 1e9) / 1e9
}
