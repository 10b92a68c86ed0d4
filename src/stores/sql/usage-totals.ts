import { type Expression, type Kysely, sql, type SqlBool } from 'kysely'
import type { TotalsBy, UsageDimension, UsageQuery, UsageTotals } from '../../core/database.ts'
import { fromNanoUsd } from '../../core/limits.ts'
import type { Tables } from './tables.ts'
import { SPANS } from './usage-sums.ts'
import { clean, cleanName } from './usage-rows.ts'

export type EngineName = 'sqlite' | 'postgres'

interface Question {
  readonly engine: EngineName
  readonly query: UsageQuery
  readonly by: TotalsBy
}

/**
 * Sums of requests. Whole days and hours come from the sums that are kept, what is before and after them from the
 * requests themselves, so that a month of a million requests is a few thousand rows.
 */
export async function totalsOf(db: Kysely<Tables>, question: Question): Promise<readonly UsageTotals[]> {
  const { since, until } = question.query
  const { bucketMs = 0 } = question.by
  const spans = SPANS.filter(({ ms }) => bucketMs % ms === 0)
  const sums: SumRow[] = []
  for (const part of partsOf({ since, until }, spans)) sums.push(...(await sum(db, question, part)))
  return merge(sums, question.by)
}

interface Time {
  readonly since: number | undefined
  readonly until: number | undefined
}

interface Part extends Time {
  readonly table: 'usage' | (typeof SPANS)[number]['table']
  /** Of how long a time one row has the sums. */
  readonly ms?: number
}

/** The whole spans of a time, and what is before and after them in shorter ones. */
function partsOf({ since, until }: Time, [span, ...shorter]: readonly (typeof SPANS)[number][]): Part[] {
  if (!span) return [{ table: 'usage', since, until }]
  const { table, ms } = span
  const from = since === undefined ? undefined : Math.ceil(since / ms) * ms
  const to = until === undefined ? undefined : Math.floor(until / ms) * ms
  if (from !== undefined && to !== undefined && from >= to) return partsOf({ since, until }, shorter)
  return [
    { table, ms, since: from, until: to },
    ...(since === from ? [] : partsOf({ since, until: from }, shorter)),
    ...(until === to ? [] : partsOf({ since: to, until }, shorter)),
  ]
}

/** Sums are texts, for they may be larger than what engines give as numbers. */
type SumRow = Record<string, string | number | null>

async function sum(db: Kysely<Tables>, { engine, query, by }: Question, part: Part): Promise<SumRow[]> {
  const isKept = part.table !== 'usage'
  const time = sql.ref(isKept ? 'start' : 'at')
  const groups = by.dimensions.map((dimension) => dimensionOf(dimension, engine))
  // A bucket that is as long as what sums are kept of is the table's own order: nothing has to be sorted.
  const { bucketMs } = by
  if (bucketMs !== undefined)
    groups.unshift(bucketMs === part.ms ? time : sql`${time} - ${time} % ${sql.lit(bucketMs)}`)
  const columns = groups.map((expression, index) => sql`${expression} as ${sql.ref(`g${index}`)}`)
  const wanted = conditions({ ...query, since: undefined, until: undefined }, engine)
  if (part.since !== undefined) wanted.push(sql`${time} >= ${part.since}`)
  if (part.until !== undefined) wanted.push(sql`${time} < ${part.until}`)
  const sums = SUMS.map((name) => {
    const what = isKept ? sql.ref(name) : sql.raw(OF_REQUEST[name])
    return sql`cast(coalesce(sum(${what}), 0) as text) as ${sql.ref(name)}`
  })
  const where = wanted.length > 0 ? sql`where ${sql.join(wanted, sql` and `)}` : sql``
  const places = groups.map((_, index) => sql.ref(`g${index}`))
  const groupBy = places.length > 0 ? sql`group by ${sql.join(places)}` : sql``
  const statement = sql<SumRow>`select ${sql.join([...columns, ...sums])} from ${sql.table(part.table)} ${where} ${groupBy}`
  return (await statement.execute(db)).rows
}

const SUMS = [
  'requests',
  'errors',
  'input_tokens',
  'cache_read_tokens',
  'output_tokens',
  'cost_nano',
  'unpriced',
  'duration_us',
  'first_byte_us',
] as const

/** The same sums as `sumsOf` of usage-sums.ts makes. */
const OF_REQUEST: Readonly<Record<(typeof SUMS)[number], string>> = {
  requests: '1',
  errors: "case when outcome = 'ok' then 0 else 1 end",
  input_tokens:
    'coalesce(input, 0) + coalesce(cache_write_5m, 0) + coalesce(cache_write_1h, 0) + coalesce(input_audio, 0) + coalesce(input_image, 0)',
  cache_read_tokens: 'coalesce(cache_read, 0)',
  output_tokens:
    'coalesce(output, 0) + coalesce(reasoning, 0) + coalesce(output_audio, 0) + coalesce(output_image, 0)',
  cost_nano: 'coalesce(cost_nano, 0)',
  unpriced: 'case when cost_nano is null then 1 else 0 end',
  duration_us: 'cast(round(duration_ms * 1000) as bigint)',
  first_byte_us: 'cast(round(first_byte_ms * 1000) as bigint)',
}

/** What a filter asks of a row of `usage`, `usage_hours` or `usage_days`, but for its time. */
export function conditions(
  query: Partial<Undefinable<UsageQuery>>,
  engine: EngineName,
): Expression<SqlBool>[] {
  const equal = [
    ['key_id', query.keyId],
    ['user_id', query.user],
    ['team', query.team],
    ['route', query.route],
    ['provider', query.provider],
    ['model', query.model],
    ['outcome', query.outcome],
    ['status', query.status],
    ['error', query.error],
  ] as const
  const wanted = equal.flatMap(([column, value]) =>
    value === undefined
      ? []
      : [sql<SqlBool>`${sql.ref(column)} = ${typeof value === 'string' ? clean(value) : value}`],
  )
  // In the words of the index of what failed, which has nothing else: only so is it used.
  if (query.outcome !== undefined && query.outcome !== 'ok') wanted.push(sql`outcome <> 'ok'`)
  if (query.status !== undefined && query.status >= 400) wanted.push(sql`status >= 400`)
  if (query.tag) wanted.push(sql<SqlBool>`${tagOf(query.tag[0], engine)} = ${clean(query.tag[1])}`)
  return wanted
}

type Undefinable<T> = { [Key in keyof T]: T[Key] | undefined }

function dimensionOf(dimension: UsageDimension, engine: EngineName): Expression<unknown> {
  if (dimension.startsWith('tag:')) return tagOf(dimension.slice('tag:'.length), engine)
  if (dimension === 'key') return sql.ref('key_id')
  if (dimension === 'user') return sql.ref('user_id')
  return sql.ref(dimension)
}

/** Any name: SQLite's paths have no way to write a quotation mark, so it is looked for among all tags there. */
function tagOf(given: string, engine: EngineName): Expression<unknown> {
  const name = cleanName(given)
  if (engine === 'postgres') return sql`(tags::jsonb ->> ${name})`
  return /["\\]/.test(name)
    ? sql`(select value from json_each(tags) where key = ${name})`
    : sql`json_extract(tags, ${`$."${name}"`})`
}

interface Sums {
  readonly at: number | undefined
  readonly group: (string | null)[]
  readonly values: bigint[]
}

function merge(rows: readonly SumRow[], { bucketMs, dimensions }: TotalsBy): UsageTotals[] {
  const sums = new Map<string, Sums>()
  for (const row of rows) {
    const at = bucketMs === undefined ? undefined : Number(row['g0'])
    const first = bucketMs === undefined ? 0 : 1
    const group = dimensions.map((_, index) => textOf(row[`g${index + first}`]))
    const values = SUMS.map((name) => BigInt(row[name] ?? 0))
    const place = JSON.stringify([at, group])
    const known = sums.get(place)
    sums.set(
      place,
      known
        ? { ...known, values: known.values.map((value, i) => value + (values[i] ?? 0n)) }
        : { at, group, values },
    )
  }
  return [...sums.values()]
    .filter(({ values }) => values[0] !== 0n)
    .toSorted(
      (a, b) => (a.at ?? 0) - (b.at ?? 0) || compare(JSON.stringify(a.group), JSON.stringify(b.group)),
    )
    .map(toTotals)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function toTotals({ at, group, values }: Sums): UsageTotals {
  const [
    requests = 0,
    errors = 0,
    input = 0,
    cacheRead = 0,
    output = 0,
    cost = 0,
    unpriced = 0,
    duration = 0,
    firstByte = 0,
  ] = values.map(Number)
  return {
    ...(at !== undefined && { at }),
    group,
    requests,
    errors,
    inputTokens: input,
    cacheReadTokens: cacheRead,
    outputTokens: output,
    costUsd: fromNanoUsd(cost),
    unpriced,
    durationMs: duration / 1000,
    firstByteMs: firstByte / 1000,
  }
}

function textOf(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
