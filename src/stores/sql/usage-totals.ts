import { type Expression, type Kysely, sql, type SqlBool } from 'kysely'
import type { TotalsBy, UsageDimension, UsageQuery, UsageTotals } from '../../core/database.ts'
import { fromNanoUsd } from '../../core/limits.ts'
import type { Tables } from './tables.ts'
import { HOUR_MS } from './usage-hours.ts'
import { clean, cleanName } from './usage-rows.ts'

export type EngineName = 'sqlite' | 'postgres'

interface Question {
  readonly engine: EngineName
  readonly query: UsageQuery
  readonly by: TotalsBy
}

/**
 * Sums of requests. Whole hours come from the sums that are kept, what is before and after them from the requests
 * themselves, so that a month of a million requests is a few thousand rows.
 */
export async function totalsOf(db: Kysely<Tables>, question: Question): Promise<readonly UsageTotals[]> {
  const { query, by } = question
  const { since, until } = query
  const isHourly = by.bucketMs === undefined || by.bucketMs % HOUR_MS === 0
  const from = since === undefined ? undefined : Math.ceil(since / HOUR_MS) * HOUR_MS
  const to = until === undefined ? undefined : Math.floor(until / HOUR_MS) * HOUR_MS
  const parts: SumRow[][] = []
  if (!isHourly || (from !== undefined && to !== undefined && from > to)) {
    parts.push(await sum(db, question, { table: 'usage', since, until }))
  } else {
    parts.push(await sum(db, question, { table: 'usage_hours', since: from, until: to }))
    if (since !== from) parts.push(await sum(db, question, { table: 'usage', since, until: from }))
    if (until !== to) parts.push(await sum(db, question, { table: 'usage', since: to, until }))
  }
  return merge(parts.flat(), by)
}

interface Part {
  readonly table: 'usage' | 'usage_hours'
  readonly since: number | undefined
  readonly until: number | undefined
}

/** Sums are texts, for they may be larger than what engines give as numbers. */
type SumRow = Record<string, string | number | null>

async function sum(db: Kysely<Tables>, { engine, query, by }: Question, part: Part): Promise<SumRow[]> {
  const time = sql.ref(part.table === 'usage' ? 'at' : 'hour')
  const { bucketMs } = by
  const bucket = bucketMs === undefined ? sql`null` : sql`${time} - ${time} % ${sql.lit(bucketMs)}`
  const groups = by.dimensions.map((dimension) => dimensionOf(dimension, engine))
  const columns = [bucket, ...groups].map(
    (expression, index) => sql`${expression} as ${sql.ref(`g${index}`)}`,
  )
  const places = [bucket, ...groups].map((_, index) => sql.ref(`g${index}`))
  const wanted = conditions({ ...query, since: undefined, until: undefined }, engine)
  if (part.since !== undefined) wanted.push(sql`${time} >= ${part.since}`)
  if (part.until !== undefined) wanted.push(sql`${time} < ${part.until}`)
  const sums = SUMS.map((name) => {
    const what = part.table === 'usage' ? sql.raw(OF_REQUEST[name]) : sql.ref(name)
    return sql`cast(coalesce(sum(${what}), 0) as text) as ${sql.ref(name)}`
  })
  const where = wanted.length > 0 ? sql`where ${sql.join(wanted, sql` and `)}` : sql``
  const statement = sql<SumRow>`select ${sql.join([...columns, ...sums])} from ${sql.table(part.table)} ${where}
    group by ${sql.join(places)}`
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

/** The same sums as `sumsOf` of usage-hours.ts makes. */
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

/** What a filter asks of a row of `usage` or `usage_hours`, but for its time. */
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
    const group = dimensions.map((_, index) => textOf(row[`g${index + 1}`]))
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
