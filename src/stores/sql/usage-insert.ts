import type { UsageRecord } from '../../core/usage-record.ts'
import { type Insert, insertRows, type Place } from './insert-rows.ts'
import { DIMENSIONS, type TokenColumns } from './tables.ts'
import { addToSums } from './usage-sums.ts'
import { cleanName, toAttempts, toColumns, toTags } from './usage-rows.ts'

/** Keeps the records that are not there yet, and adds them to the sums of their times. Gives their number. */
export async function insertUsage(place: Place, records: readonly UsageRecord[]): Promise<number> {
  // By id, so that two who insert at a time never wait for each other in a circle.
  const byId = new Map(records.map((record) => [cleanName(record.id), record]))
  const sorted = [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const rows = sorted.map(([, record]) => toColumns(record))
  const made = await insertRows(place, USAGE, rows)
  const fresh = sorted.flatMap(([id, record]) => (made.has(id) ? record : []))
  await insertRows(place, ATTEMPTS, fresh.flatMap(toAttempts))
  await insertRows(place, TAGS, fresh.flatMap(toTags))
  const added = rows.filter(({ id }) => made.has(id))
  await addToSums(place, added, 1)
  return added.length
}

const TOKENS = [
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'input_audio',
  'input_image',
  'output',
  'reasoning',
  'output_audio',
  'output_image',
] as const satisfies readonly (keyof TokenColumns)[]

const USAGE: Insert<'usage'> = {
  table: 'usage',
  columns: [
    'id',
    'at',
    ...DIMENSIONS,
    'key_name',
    'model_served',
    'dialect',
    'endpoint',
    'stream',
    'is_estimated',
    ...TOKENS,
    'web_searches',
    'search_units',
    'cost_nano',
    'price_version',
    'duration_ms',
    'first_byte_ms',
    'tokens_per_second',
    'cache',
    'request_bytes',
    'response_bytes',
  ],
  key: 'id',
}

const ATTEMPTS: Insert<'attempts'> = {
  table: 'attempts',
  columns: [
    'usage_id',
    'position',
    'route',
    'target',
    'provider',
    'model',
    'reason',
    'outcome',
    'started_ms',
    'took_ms',
    'waited_ms',
    'lost_nano',
  ],
  key: 'usage_id',
}

const TAGS: Insert<'usage_tags'> = {
  table: 'usage_tags',
  columns: ['usage_id', 'name', 'value', 'at'],
  key: 'usage_id',
}
