import { fromNanoUsd, toNanoUsd } from '../../core/limits.ts'
import type { AttemptUsage, UsageRecord } from '../../core/usage-record.ts'
import type { UsageSummary } from '../../core/database.ts'
import type { UsageClasses } from '../../core/usage.ts'
import type { AttemptColumns, Tables, TokenColumns, UsageColumns } from './tables.ts'

/** A record as the table has it. Texts are what clients and providers sent, and some of that no database takes. */
export function toColumns(record: UsageRecord): UsageColumns {
  return {
    id: cleanName(record.id),
    at: whole(record.at),
    key_id: cleanOrNull(record.keyId),
    key_name: cleanOrNull(record.keyName),
    user_id: cleanOrNull(record.user),
    team: cleanOrNull(record.team),
    tags: JSON.stringify(Object.fromEntries(tagsOf(record))),
    route: cleanOrNull(record.route),
    target: cleanOrNull(record.target),
    provider: cleanOrNull(record.provider),
    model: cleanOrNull(record.model),
    model_served: cleanOrNull(record.modelServed),
    dialect: clean(record.dialect),
    endpoint: clean(record.endpoint),
    stream: Number(record.stream),
    status: whole(record.status),
    outcome: record.outcome,
    error: record.error,
    ...toTokens(record.tokens),
    is_estimated: Number(record.isEstimated),
    web_searches: finite(record.webSearches),
    search_units: finite(record.searchUnits),
    cost_nano: nanoOf(record.costUsd),
    price_version: cleanOrNull(record.priceVersion),
    duration_ms: finite(record.durationMs),
    first_byte_ms: finite(record.firstByteMs),
    tokens_per_second: record.tokensPerSecond === null ? null : finite(record.tokensPerSecond),
    cache: record.cache,
    request_bytes: whole(record.requestBytes),
    response_bytes: whole(record.responseBytes),
  }
}

/** Its tags, by name, so that equal ones are equal texts. */
function tagsOf({ tags }: UsageRecord): [string, string][] {
  return Object.entries(tags)
    .map(([name, value]): [string, string] => [cleanName(name), clean(value)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** A row for each of its tags, by which requests are found. */
export function toTags(record: UsageRecord): Tables['usage_tags'][] {
  const usage_id = cleanName(record.id)
  return tagsOf(record).map(([name, value]) => ({ usage_id, name, value, at: record.at }))
}

/** A row as it was before `toColumns`, but for its attempts. */
export function toSummary(row: UsageColumns): UsageSummary {
  return {
    id: row.id,
    at: row.at,
    keyId: row.key_id,
    keyName: row.key_name,
    user: row.user_id,
    team: row.team,
    tags: JSON.parse(row.tags),
    route: row.route,
    target: row.target,
    provider: row.provider,
    model: row.model,
    modelServed: row.model_served,
    dialect: row.dialect,
    endpoint: row.endpoint,
    stream: row.stream === 1,
    status: row.status,
    outcome: row.outcome as UsageSummary['outcome'],
    error: row.error as UsageSummary['error'],
    tokens: fromTokens(row),
    isEstimated: row.is_estimated === 1,
    webSearches: row.web_searches,
    searchUnits: row.search_units,
    costUsd: row.cost_nano === null ? null : fromNanoUsd(row.cost_nano),
    priceVersion: row.price_version,
    durationMs: row.duration_ms,
    firstByteMs: row.first_byte_ms,
    tokensPerSecond: row.tokens_per_second,
    cache: row.cache as UsageSummary['cache'],
    requestBytes: row.request_bytes,
    responseBytes: row.response_bytes,
  }
}

export function toAttempts({ id, attempts }: UsageRecord): AttemptColumns[] {
  return attempts.map((attempt, position) => ({
    usage_id: cleanName(id),
    position,
    route: clean(attempt.route),
    target: clean(attempt.target),
    provider: clean(attempt.provider),
    model: cleanOrNull(attempt.model),
    reason: attempt.reason,
    outcome: attempt.outcome,
    started_ms: finite(attempt.startedMs),
    took_ms: finite(attempt.tookMs),
    waited_ms: finite(attempt.waitedMs),
    lost_nano: nanoOf(attempt.lostUsd),
  }))
}

export function fromAttempt(row: AttemptColumns): AttemptUsage {
  return {
    route: row.route,
    target: row.target,
    provider: row.provider,
    model: row.model,
    reason: row.reason as AttemptUsage['reason'],
    outcome: row.outcome as AttemptUsage['outcome'],
    startedMs: row.started_ms,
    tookMs: row.took_ms,
    waitedMs: row.waited_ms,
    lostUsd: row.lost_nano === null ? null : fromNanoUsd(row.lost_nano),
  }
}

/**
 * A text as it is kept, whatever it was: a record is never lost for one. Postgres takes no NUL, no half of a surrogate
 * pair in JSON, and nothing long in an index.
 */
export function clean(text: string): string {
  return keep(text, MAX_LENGTH)
}

/** An id of a request, or the name of a tag. */
export function cleanName(name: string): string {
  return keep(name, MAX_NAME_LENGTH)
}

/** An entry of an index has at most 2,700 bytes: a tag's name and value, an id and a time; up to 3 bytes a character. */
const MAX_LENGTH = 600
const MAX_NAME_LENGTH = 128

/** Of any length. */
export function cleanBody(text: string): string {
  return keep(text, text.length)
}

function keep(text: string, maxLength: number): string {
  const some = text.length > maxLength ? text.slice(0, maxLength) : text
  return UNCLEAN.test(some) ? some.replaceAll(/[\0\ud800-\udfff]/gu, '\ufffd') : some
}

const UNCLEAN = /[\0\ud800-\udfff]/u

function cleanOrNull(text: string | null): string | null {
  return text === null ? null : clean(text)
}

/** Providers say what they like; a table of whole numbers takes only those. */
function whole(number: number): number {
  return Math.min(Math.max(Math.round(finite(number)), 0), Number.MAX_SAFE_INTEGER)
}

function finite(number: number): number {
  return Number.isFinite(number) ? number : 0
}

function nanoOf(usd: number | null): number | null {
  return usd === null ? null : whole(toNanoUsd(usd))
}

function toTokens(tokens: UsageClasses | null): TokenColumns {
  return {
    input: tokens ? whole(tokens.input) : null,
    cache_read: tokens ? whole(tokens.cacheRead) : null,
    cache_write_5m: tokens ? whole(tokens.cacheWrite5m) : null,
    cache_write_1h: tokens ? whole(tokens.cacheWrite1h) : null,
    input_audio: tokens ? whole(tokens.inputAudio) : null,
    input_image: tokens ? whole(tokens.inputImage) : null,
    output: tokens ? whole(tokens.output) : null,
    reasoning: tokens ? whole(tokens.reasoning) : null,
    output_audio: tokens ? whole(tokens.outputAudio) : null,
    output_image: tokens ? whole(tokens.outputImage) : null,
  }
}

function fromTokens(row: TokenColumns): UsageClasses | null {
  if (row.input === null) return null
  return {
    input: row.input,
    cacheRead: row.cache_read ?? 0,
    cacheWrite5m: row.cache_write_5m ?? 0,
    cacheWrite1h: row.cache_write_1h ?? 0,
    inputAudio: row.input_audio ?? 0,
    inputImage: row.input_image ?? 0,
    output: row.output ?? 0,
    reasoning: row.reasoning ?? 0,
    outputAudio: row.output_audio ?? 0,
    outputImage: row.output_image ?? 0,
  }
}
