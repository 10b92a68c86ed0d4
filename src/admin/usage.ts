import type { UsageDimension, UsageQuery, UsageTotals } from '../core/database.ts'
import { option } from '../core/options.ts'
import { csvLine } from './csv.ts'
import { AdminError } from './errors.ts'
import type { AdminAnswer, Resource } from './resource.ts'
import { mapOf, orNull, time } from './schemas.ts'
import { toTime } from './times.ts'
import { readDimension, readUsageQuery, usageParameters } from './usage-query.ts'

const BUCKETS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
const MOST_DIMENSIONS = 4
const USUAL_MS = 30 * BUCKETS_MS.day

const count = option.integer()

/** One row of sums. */
const ROW = option.object({
  at: option.optional(time({ description: "The bucket's beginning; without `bucket` there is none." })),
  group: mapOf(orNull(option.string()), { description: 'What the requests have in common, by dimension.' }),
  requests: count,
  errors: option.integer({ description: 'Those whose outcome is not `ok`.' }),
  inputTokens: option.integer({ description: 'But for those that a provider had in its cache.' }),
  cacheReadTokens: count,
  outputTokens: count,
  costUsd: option.number({ description: 'Of the requests whose price is known.' }),
  unpriced: option.integer({ description: 'The requests whose price is not.' }),
  meanMs: orNull(option.number({ description: 'Until the last byte, on average.' })),
  meanFirstByteMs: orNull(option.number()),
})

const totals: Resource = {
  method: 'GET',
  path: '/admin/usage',
  access: 'team',
  summary: 'Requests, tokens and cost, summed by what they have in common',
  query: option.object({
    ...usageParameters,
    by: option.optional(
      option.list(option.string(), {
        description:
          'A dimension: key, user, team, route, target, provider, model, status, error, or `tag:` and a name. It may be repeated.',
        maxItems: MOST_DIMENSIONS,
      }),
    ),
    bucket: option.optional(
      option.oneOf(Object.keys(BUCKETS_MS), { description: 'Sums for each of these, in UTC.' }),
    ),
    format: option.optional(option.oneOf(['json', 'csv'], { default: 'json' })),
  }),
  answerTypes: ['application/json', 'text/csv'],
  answer: option.object({ since: time(), until: time(), rows: option.list(ROW) }),
  async handle({ principal, query }, { database }) {
    const asked = readUsageQuery(query, principal)
    const span = spanOf(asked)
    const bucketMs = readBucket(query.text('bucket'))
    const dimensions = (query.textList('by') ?? []).map(readDimension)
    if (bucketMs !== undefined) mustBeFew(span, bucketMs)
    const by = { dimensions, ...(bucketMs !== undefined && { bucketMs }) }
    const rows = asked ? await database.usage.totals({ ...asked, ...span }, by) : []
    if (query.text('format') === 'csv')
      return writeCsv(rows, { dimensions, isBucketed: bucketMs !== undefined })
    return {
      body: writeSpan(
        span,
        rows.map((row) => write(row, dimensions)),
      ),
    }
  },
}

const LATENCY = option.object({
  p50: option.number({ description: 'Half of the requests were as fast.' }),
  p95: option.number(),
  p99: option.number(),
})

/** Right to a twentieth. */
const latency: Resource = {
  method: 'GET',
  path: '/admin/latency',
  access: 'team',
  summary: 'How long requests took, over time',
  description: 'In milliseconds, right to a twentieth; of 30 days until now when no time is given.',
  query: option.object({
    ...usageParameters,
    bucket: option.optional(option.oneOf(Object.keys(BUCKETS_MS), { default: 'hour' })),
  }),
  answer: option.object({
    since: time(),
    until: time(),
    rows: option.list(option.object({ at: time(), requests: count, duration: LATENCY, firstByte: LATENCY })),
  }),
  async handle({ principal, query }, { database }) {
    const asked = readUsageQuery(query, principal)
    const span = spanOf(asked)
    const bucketMs = readBucket(query.text('bucket')) ?? BUCKETS_MS.hour
    mustBeFew(span, bucketMs)
    const rows = asked ? await database.usage.latencies({ ...asked, ...span }, bucketMs) : []
    return {
      body: writeSpan(
        span,
        rows.map(({ at, requests, duration, firstByte }) => ({
          at: toTime(at),
          requests,
          duration,
          firstByte,
        })),
      ),
    }
  },
}

/** Sums of requests, and how long they took. */
export const usage: readonly Resource[] = [totals, latency]

interface Span {
  readonly since: number
  readonly until: number
}

function spanOf(asked: UsageQuery | undefined): Span {
  const until = asked?.until ?? Date.now()
  return { until, since: asked?.since ?? until - USUAL_MS }
}

function mustBeFew({ since, until }: Span, bucketMs: number): void {
  if ((until - since) / bucketMs <= MOST_BUCKETS) return
  throw new AdminError('bad_request', `bucket: makes more than ${MOST_BUCKETS} of them; take a longer one.`)
}

function writeSpan({ since, until }: Span, rows: readonly unknown[]): Record<string, unknown> {
  return { since: toTime(since), until: toTime(until), rows }
}

/** Of a month, hours; of a day, minutes. */
const MOST_BUCKETS = 1500

function readBucket(name: string | undefined): number | undefined {
  return Object.entries(BUCKETS_MS).find(([known]) => known === name)?.[1]
}

function write(
  { at, group, ...sums }: UsageTotals,
  dimensions: readonly UsageDimension[],
): Record<string, unknown> {
  return {
    ...(at !== undefined && { at: toTime(at) }),
    group: Object.fromEntries(dimensions.map((dimension, index) => [dimension, group[index] ?? null])),
    ...withMeans(sums),
  }
}

function withMeans({
  durationMs,
  firstByteMs,
  ...sums
}: Omit<UsageTotals, 'at' | 'group'>): Record<string, unknown> {
  const { requests } = sums
  const mean = (sum: number): number | null =>
    requests === 0 ? null : Math.round((sum / requests) * 1000) / 1000
  return { ...sums, meanMs: mean(durationMs), meanFirstByteMs: mean(firstByteMs) }
}

const SUMS = [
  'requests',
  'errors',
  'inputTokens',
  'cacheReadTokens',
  'outputTokens',
  'costUsd',
  'unpriced',
  'meanMs',
  'meanFirstByteMs',
]

function writeCsv(
  rows: readonly UsageTotals[],
  { dimensions, isBucketed }: { dimensions: readonly UsageDimension[]; isBucketed: boolean },
): AdminAnswer {
  const head = csvLine([...(isBucketed ? ['at'] : []), ...dimensions, ...SUMS])
  const lines = rows.map(({ at, group, ...sums }) => {
    const figures = withMeans(sums)
    return csvLine([
      ...(at === undefined ? [] : [toTime(at)]),
      ...group,
      ...SUMS.map((name) => figures[name]),
    ])
  })
  return { file: { name: 'usage.csv', type: 'text/csv; charset=utf-8', parts: [head, ...lines] } }
}
