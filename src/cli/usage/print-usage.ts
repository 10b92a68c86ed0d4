import {
  type Database,
  USAGE_DIMENSIONS,
  type TotalsBy,
  type UsageDimension,
  type UsageTotals,
} from '../../core/database.ts'
import type { StoreOptions } from '../open-store.ts'
import { table } from '../table.ts'
import { withStore } from '../with-store.ts'
import { readPeriod, type PeriodOptions } from './period.ts'

export interface UsageOptions extends StoreOptions, PeriodOptions {
  /** With commas between them. */
  readonly by?: string
  readonly bucket?: string
  readonly csv?: boolean
  readonly json?: boolean
}

/** `mlflow-gateway usage`. */
export function printUsage({
  by,
  bucket,
  csv = false,
  json = false,
  ...rest
}: UsageOptions): Promise<number> {
  return withStore(rest, async ({ usage, keys }) => {
    const period = readPeriod(rest, Date.now())
    const asked = { dimensions: readDimensions(by), ...readBucket(bucket) }
    const rows = (await usage.totals(period, asked)).map((row) => figuresOf(row, asked))
    const times = { since: toTime(period.since), until: toTime(period.until) }
    if (json) process.stdout.write(`${JSON.stringify({ ...times, rows }, null, 2)}\n`)
    else if (rows.length === 0) process.stdout.write(`no requests since ${times.since}\n`)
    else process.stdout.write(csv ? writeCsv(rows) : writeTable(await withKeyNames(rows, keys)))
    return 0
  })
}

function readDimensions(text: string | undefined): UsageDimension[] {
  const words = text === undefined || text === '' ? [] : text.split(',').map((word) => word.trim())
  return words.map((word): UsageDimension => {
    const known = USAGE_DIMENSIONS.find((name) => name === word)
    if (known) return known
    if (/^tag:./.test(word)) return `tag:${word.slice('tag:'.length)}`
    throw new Error(`error: --by has no "${word}": it is one of ${USAGE_DIMENSIONS.join(', ')} and tag:NAME`)
  })
}

const BUCKETS_MS: Readonly<Record<string, number>> = { hour: 3_600_000, day: 86_400_000 }

function readBucket(name: string | undefined): Pick<TotalsBy, 'bucketMs'> {
  if (name === undefined) return {}
  const bucketMs = Object.hasOwn(BUCKETS_MS, name) ? BUCKETS_MS[name] : undefined
  if (bucketMs === undefined) throw new Error('error: --bucket is "hour" or "day"')
  return { bucketMs }
}

type Figures = Readonly<Record<string, string | number | null>>

/** A row by the names of its columns. */
function figuresOf(row: UsageTotals, { dimensions }: TotalsBy): Figures {
  return {
    ...(row.at !== undefined && { at: toTime(row.at) }),
    ...Object.fromEntries(dimensions.map((name, index) => [name, row.group[index] ?? null])),
    requests: row.requests,
    errors: row.errors,
    input_tokens: row.inputTokens,
    cache_read_tokens: row.cacheReadTokens,
    output_tokens: row.outputTokens,
    cost_usd: row.costUsd,
    // Of these nobody knows the price, so that the cost is more.
    unpriced: row.unpriced,
    mean_ms: row.requests === 0 ? null : Math.round(row.durationMs / row.requests),
  }
}

/** What people call their keys, beside the ids. */
async function withKeyNames(rows: readonly Figures[], keys: Database['keys']): Promise<Figures[]> {
  const ids = new Set(rows.flatMap(({ key }) => (typeof key === 'string' ? key : [])))
  const names = new Map<string, string>()
  for (const id of ids) {
    const found = await keys.get(id)
    if (found) names.set(id, `${found.name} (${id})`)
  }
  return rows.map((row) => {
    const name = names.get(String(row['key']))
    return name === undefined ? row : Object.assign({}, row, { key: name })
  })
}

function writeTable(rows: readonly Figures[]): string {
  const names = Object.keys(rows[0] ?? {})
  return table([
    names.map((name) => name.toUpperCase().replaceAll('_', ' ')),
    ...rows.map((row) => names.map((name) => String(row[name] ?? '-'))),
  ])
}

/** Source: RFC 4180 */
function writeCsv(rows: readonly Figures[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))]
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('')
}

/** A text that a spreadsheet would take for a formula is marked as a text. */
function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function toTime(at: number): string {
  return new Date(at).toISOString()
}
