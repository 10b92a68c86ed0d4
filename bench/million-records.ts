import type { UsageRecord } from '../src/core/usage-record.ts'
import { openDatabase } from '../src/stores/index.ts'
import { SqliteConnection } from '../src/stores/sqlite/connection.ts'

const DAYS = 30
const DAY_MS = 86_400_000
const A_DAY = 33_334
const SLICE = 4_000

/** How many there are. */
export const RECORDS: number = DAYS * A_DAY

/**
 * Records of 100 keys in 20 teams, 4 models on 2 routes and a failure in fifty, over the 30 days before `until`. One
 * day is kept as a gateway keeps it, and `insertUs` is what that took for a record; the other days are its copies, made by
 * the database.
 */
export async function keepMillion(path: string, until: number): Promise<{ insertUs: number }> {
  const since = until - DAYS * DAY_MS
  const database = await openDatabase({ sqlite: path })
  const startedAt = performance.now()
  for (let start = 0; start < A_DAY; start += SLICE) {
    const length = Math.min(SLICE, A_DAY - start)
    await database.usage.append(Array.from({ length }, (_, index) => recordOf(start + index, since)))
  }
  const insertUs = ((performance.now() - startedAt) * 1000) / A_DAY
  await database.close()
  const connection = new SqliteConnection({ path })
  connection.execute('pragma synchronous = off', [])
  connection.execute('pragma cache_size = -400000', [])
  for (const copy of COPIES) copyDays(connection, copy)
  connection.close()
  return { insertUs }
}

interface Copy {
  readonly table: string
  readonly id: string
  readonly time?: string
}

const COPIES: readonly Copy[] = [
  { table: 'usage', id: 'id', time: 'at' },
  { table: 'usage_hours', id: 'id', time: 'start' },
  { table: 'usage_days', id: 'id', time: 'start' },
  { table: 'usage_tags', id: 'usage_id', time: 'at' },
  { table: 'attempts', id: 'usage_id' },
]

function copyDays(connection: SqliteConnection, { table, id, time }: Copy): void {
  const { rows } = connection.execute(
    `select group_concat(name) as names from pragma_table_info('${table}')`,
    [],
  )
  const names = String(Object.values(Object(rows[0]))[0]).split(',')
  const values = names.map((name) => {
    if (name === id) return `printf('%02d', day) || "${name}"`
    return name === time ? `"${name}" + day * ${DAY_MS}` : `"${name}"`
  })
  const columns = names.map((name) => `"${name}"`).join(', ')
  connection.execute('begin', [])
  connection.execute(
    `with recursive days (day) as (select 1 union all select day + 1 from days where day < ${DAYS - 1})
      insert into "${table}" (${columns}) select ${values.join(', ')} from days cross join "${table}" where true`,
    [],
  )
  connection.execute('commit', [])
}

/** The same for the same number. Few keys make most of the requests, as it is with people. */
function recordOf(index: number, since: number): UsageRecord {
  const one = fraction(Math.imul(index, 2_654_435_761))
  const other = fraction(Math.imul(index ^ 0x5bd1_e995, 1_597_334_677))
  const key = Math.floor(one * one * 100)
  const isFailed = other < 0.02
  return {
    id: `r${index.toString(36).padStart(5, '0')}`,
    at: since + Math.floor((index / A_DAY) * DAY_MS),
    keyId: `key-${key}`,
    keyName: `Key ${key}`,
    user: `user-${key % 50}`,
    team: `team-${key % 20}`,
    tags: { project: `project-${key % 10}` },
    route: index % 2 === 0 ? 'chat' : 'fast',
    target: 'first',
    provider: 'openai',
    model: `model-${Math.floor(other * 4)}`,
    modelServed: null,
    dialect: 'openai',
    endpoint: '/v1/chat/completions',
    stream: index % 2 === 0,
    status: isFailed ? 429 : 200,
    outcome: isFailed ? 'error' : 'ok',
    error: isFailed ? 'rate_limit' : null,
    tokens: { ...NO_TOKENS, input: 1000 + key, output: 200 },
    isEstimated: false,
    webSearches: 0,
    searchUnits: 0,
    costUsd: 0.001,
    priceVersion: 'bench',
    durationMs: 900 + one * 100,
    firstByteMs: 300,
    tokensPerSecond: 50,
    cache: null,
    requestBytes: 4_000,
    responseBytes: 1_000,
    attempts: [ATTEMPT],
  }
}

function fraction(whole: number): number {
  return (whole >>> 0) / 2 ** 32
}

const NO_TOKENS = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  inputAudio: 0,
  inputImage: 0,
  output: 0,
  reasoning: 0,
  outputAudio: 0,
  outputImage: 0,
}

const ATTEMPT = {
  route: 'chat',
  target: 'first',
  provider: 'openai',
  model: 'm',
  reason: 'first',
  outcome: 'ok',
  startedMs: 0,
  tookMs: 900,
  waitedMs: 0,
  lostUsd: null,
} as const
