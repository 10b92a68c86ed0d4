import { type Kysely, sql } from 'kysely'
import type { Latency, UsageLatencies, UsageQuery } from '../../core/database.ts'
import type { Tables } from './tables.ts'
import { conditions, type EngineName } from './usage-totals.ts'

/** So many bins for each factor of e: what is in one differs by a tenth at most. */
const BINS = 10
/** What is faster counts as this fast. */
const FASTEST_MS = 0.1

interface BinRow {
  readonly at: number | string
  readonly bin: number | string
  readonly count: number | string
}

/** How long requests took, counted in bins by the database: right to a twentieth, in one pass over an index of time. */
export async function latenciesOf(
  db: Kysely<Tables>,
  { engine, query, bucketMs }: { engine: EngineName; query: UsageQuery; bucketMs: number },
): Promise<readonly UsageLatencies[]> {
  const [duration, firstByte] = [
    await count('duration_ms', db, { engine, query, bucketMs }),
    await count('first_byte_ms', db, { engine, query, bucketMs }),
  ]
  return [...duration]
    .toSorted(([a], [b]) => a - b)
    .map(([at, bins]) => ({
      at,
      requests: sum(bins),
      duration: toLatency(bins),
      firstByte: toLatency(firstByte.get(at) ?? new Map()),
    }))
}

/** How many by bin, by bucket. */
type Bins = Map<number, number>

async function count(
  column: 'duration_ms' | 'first_byte_ms',
  db: Kysely<Tables>,
  { engine, query, bucketMs }: { engine: EngineName; query: UsageQuery; bucketMs: number },
): Promise<Map<number, Bins>> {
  const { since, until, ...filter } = query
  const wanted = conditions(filter, engine)
  if (since !== undefined) wanted.push(sql`at >= ${since}`)
  if (until !== undefined) wanted.push(sql`at < ${until}`)
  const where = wanted.length > 0 ? sql`where ${sql.join(wanted, sql` and `)}` : sql``
  const most = engine === 'postgres' ? sql`greatest` : sql`max`
  const bin = sql`cast(floor(ln(${most}(${sql.ref(column)}, ${sql.lit(FASTEST_MS)})) * ${sql.lit(BINS)}) as integer)`
  const { rows } = await sql<BinRow>`
    select at - at % ${sql.lit(bucketMs)} as at, ${bin} as bin, count(*) as count
    from usage ${where} group by 1, 2`.execute(db)
  const buckets = new Map<number, Bins>()
  for (const row of rows) {
    const at = Number(row.at)
    const bins = buckets.get(at) ?? new Map<number, number>()
    bins.set(Number(row.bin), Number(row.count))
    buckets.set(at, bins)
  }
  return buckets
}

function toLatency(bins: Bins): Latency {
  const sorted = [...bins].toSorted(([a], [b]) => a - b)
  const all = sum(bins)
  const at = (share: number): number => {
    let before = 0
    for (const [bin, count] of sorted) {
      before += count
      if (before >= share * all) return Number(Math.exp((bin + 0.5) / BINS).toPrecision(3))
    }
    return 0
  }
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function sum(bins: Bins): number {
  return [...bins.values()].reduce((total, count) => total + count, 0)
}
