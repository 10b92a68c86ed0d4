import { createHash } from 'node:crypto'
import { type Insert, insertRows, type Place } from './insert-rows.ts'
import { DIMENSIONS, type SpanColumns, type SumColumns, type UsageColumns } from './tables.ts'

/** Lengths of time of which sums are kept, the longest first: few rows for a month, and exact ones for an afternoon. */
export const SPANS = [
  { table: 'usage_days', ms: 86_400_000 },
  { table: 'usage_hours', ms: 3_600_000 },
] as const

/** Add `sign` (1 or -1) times these requests to the sums of their times, in one transaction with what it is about. */
export async function addToSums(place: Place, rows: readonly UsageColumns[], sign: 1 | -1): Promise<void> {
  for (const { table, ms } of SPANS) await insertRows(place, insertInto(table), sumBySpan(rows, sign, ms))
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
] as const satisfies readonly (keyof SumColumns)[]

function insertInto(table: 'usage_days' | 'usage_hours'): Insert<'usage_days' | 'usage_hours'> {
  return {
    table,
    columns: ['id', 'start', ...DIMENSIONS, ...SUMS],
    key: 'id',
    unique: ['start', 'id'],
    sums: SUMS,
  }
}

/** What one request adds. */
export function sumsOf(row: UsageColumns): SumColumns {
  return {
    requests: 1,
    errors: Number(row.outcome !== 'ok'),
    input_tokens:
      (row.input ?? 0) +
      (row.cache_write_5m ?? 0) +
      (row.cache_write_1h ?? 0) +
      (row.input_audio ?? 0) +
      (row.input_image ?? 0),
    cache_read_tokens: row.cache_read ?? 0,
    output_tokens:
      (row.output ?? 0) + (row.reasoning ?? 0) + (row.output_audio ?? 0) + (row.output_image ?? 0),
    cost_nano: row.cost_nano ?? 0,
    unpriced: Number(row.cost_nano === null),
    duration_us: Math.round(row.duration_ms * 1000),
    first_byte_us: Math.round(row.first_byte_ms * 1000),
  }
}

/** Characters of a digest: 132 bits. */
const ID_LENGTH = 22

/** Sorted, so that two who add at a time never wait for each other in a circle. */
function sumBySpan(rows: readonly UsageColumns[], sign: 1 | -1, ms: number): SpanColumns[] {
  const spans = new Map<string, SpanColumns>()
  for (const row of rows) {
    const start = Math.floor(row.at / ms) * ms
    const { key_id, user_id, team, tags, route, target, provider, model, status, outcome, error } = row
    const dimensions = { key_id, user_id, team, tags, route, target, provider, model, status, outcome, error }
    const text = JSON.stringify([start, ...Object.values(dimensions)])
    const sums = spans.get(text)
    if (sums) addTo(sums, sumsOf(row), sign)
    else {
      const id = createHash('sha256').update(text).digest('base64url').slice(0, ID_LENGTH)
      const fresh = { id, start, ...dimensions, ...NOTHING }
      addTo(fresh, sumsOf(row), sign)
      spans.set(text, fresh)
    }
  }
  return [...spans.values()].toSorted((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1))
}

const NOTHING: SumColumns = {
  requests: 0,
  errors: 0,
  input_tokens: 0,
  cache_read_tokens: 0,
  output_tokens: 0,
  cost_nano: 0,
  unpriced: 0,
  duration_us: 0,
  first_byte_us: 0,
}

function addTo(sums: SumColumns, more: SumColumns, sign: 1 | -1): void {
  sums.requests += sign * more.requests
  sums.errors += sign * more.errors
  sums.input_tokens += sign * more.input_tokens
  sums.cache_read_tokens += sign * more.cache_read_tokens
  sums.output_tokens += sign * more.output_tokens
  sums.cost_nano += sign * more.cost_nano
  sums.unpriced += sign * more.unpriced
  sums.duration_us += sign * more.duration_us
  sums.first_byte_us += sign * more.first_byte_us
}
