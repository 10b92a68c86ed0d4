import type { Database, UsageQuery, UsageSummary } from '../core/database.ts'
import { option, type OptionSchema, type OptionsSchema } from '../core/options.ts'
import type { UsageRecord } from '../core/usage-record.ts'
import { csvLine } from './csv.ts'
import { notFound } from './errors.ts'
import { auditOf } from './objects.ts'
import { pageParameters, pageSchema, readPage, writePage } from './paging.ts'
import type { Resource } from './resource.ts'
import { mapOf, orNull, time } from './schemas.ts'
import { scopeOf } from './scope.ts'
import { toTime, toTimeOrNull } from './times.ts'
import { readUsageQuery, usageParameters } from './usage-query.ts'

const text = option.string()
const count = option.integer()

/** A request as lists show it. */
const fields: Readonly<Record<string, OptionSchema>> = {
  id: text,
  at: time({ description: 'When it began.' }),
  keyId: orNull(text),
  keyName: orNull(text),
  user: orNull(text),
  team: orNull(text),
  tags: mapOf(text),
  route: orNull(option.string({ description: 'As it was asked for; null when there is none of that name.' })),
  target: orNull(option.string({ description: 'The one that answered, or was tried last.' })),
  provider: orNull(text),
  model: orNull(option.string({ description: "The target's." })),
  modelServed: orNull(option.string({ description: 'As the provider tells it.' })),
  dialect: text,
  endpoint: text,
  stream: option.boolean(),
  status: option.integer({ description: 'Of the answer.' }),
  outcome: option.oneOf(['ok', 'error', 'canceled', 'cut', 'aborted']),
  error: orNull(option.string({ description: 'The class of the failure.' })),
  tokens: orNull(mapOf(count, { description: 'By disjoint class; null when the provider told none.' })),
  isEstimated: option.boolean({ description: 'Whether the gateway counted the tokens itself.' }),
  webSearches: count,
  searchUnits: count,
  costUsd: orNull(option.number({ description: 'Null when the price is not known.' })),
  priceVersion: orNull(text),
  durationMs: option.number(),
  firstByteMs: option.number(),
  tokensPerSecond: orNull(option.number()),
  cache: orNull(option.oneOf(['hit', 'miss', 'bypass'])),
  requestBytes: count,
  responseBytes: count,
}

const SUMMARY: OptionsSchema = option.object(fields)

const ATTEMPT: OptionsSchema = option.object({
  route: text,
  target: text,
  provider: text,
  model: orNull(text),
  reason: option.string({ description: 'Why it was made.' }),
  outcome: option.string({ description: '`ok`, or the class of its failure.' }),
  startedMs: option.number({ description: "From the request's beginning." }),
  tookMs: option.number(),
  waitedMs: option.number(),
  lostUsd: orNull(option.number({ description: 'What was spent for nothing, of one that lost a race.' })),
})

const list: Resource = {
  method: 'GET',
  path: '/admin/requests',
  access: 'team',
  summary: 'Requests, the newest first',
  query: option.object({ ...pageParameters, ...usageParameters }),
  answer: pageSchema(SUMMARY),
  async handle({ principal, query }, { database }) {
    const asked = readUsageQuery(query, principal)
    const page = asked ? await database.usage.list({ ...asked, ...readPage(query) }) : { rows: [] }
    return { body: writePage(page, write) }
  },
}

const exported: Resource = {
  method: 'GET',
  path: '/admin/requests/export',
  access: 'team',
  summary: 'All requests that the query means, as a file',
  query: option.object({
    ...usageParameters,
    format: option.optional(option.oneOf(['csv', 'jsonl'], { default: 'csv' })),
  }),
  answerTypes: ['text/csv', 'application/jsonl'],
  answer: option.string({
    description: 'One line for each request, the newest first; CSV begins with a line of names.',
  }),
  handle({ principal, query }, { database }) {
    const asked = readUsageQuery(query, principal)
    const isCsv = query.text('format') === 'csv'
    const parts = exportParts(database, asked, isCsv ? toCsv : toJson)
    return isCsv
      ? { file: { name: 'requests.csv', type: 'text/csv; charset=utf-8', parts: withHead(parts) } }
      : { file: { name: 'requests.jsonl', type: 'application/jsonl', parts } }
  },
}

const EXPORT_ROWS = 1_000

/** Page by page, so that a million requests need the memory of a page. */
async function* exportParts(
  { usage }: Database,
  query: UsageQuery | undefined,
  line: (row: UsageSummary) => string,
): AsyncGenerator<string> {
  let after: string | undefined
  if (!query) return
  do {
    const { rows, next } = await usage.list({
      ...query,
      limit: EXPORT_ROWS,
      ...(after !== undefined && { after }),
    })
    if (rows.length > 0) yield rows.map(line).join('')
    after = next
  } while (after !== undefined)
}

async function* withHead(parts: AsyncIterable<string>): AsyncGenerator<string> {
  yield csvLine(NAMES)
  yield* parts
}

function toJson(row: UsageSummary): string {
  return `${JSON.stringify(write(row))}\n`
}

function toCsv(row: UsageSummary): string {
  const values = valuesOf(row)
  return csvLine(NAMES.map((name) => values[name]))
}

const one: Resource = {
  method: 'GET',
  path: '/admin/requests/:id',
  access: 'team',
  summary: 'One request with its attempts',
  answer: option.object({ ...fields, attempts: option.list(ATTEMPT) }),
  async handle({ principal, id }, { database }) {
    const record = await database.usage.get(id, scopeOf(principal))
    if (!record) throw notFound('request')
    return { body: { ...write(record), attempts: record.attempts } }
  },
}

const body: Resource = {
  method: 'GET',
  path: '/admin/requests/:id/body',
  access: 'teamAdmin',
  summary: 'What was said in a request, where its route keeps that',
  description: 'Whoever reads it stands in the audit log.',
  answer: option.object({
    request: orNull(option.string({ description: 'Null: there was none, or it is not kept.' })),
    response: orNull(text),
    isRequestCut: option.boolean({ description: 'Whether it is no more than the beginning.' }),
    isResponseCut: option.boolean(),
    expiresAt: orNull(time({ description: 'When it may be deleted; null: with the request.' })),
  }),
  async handle({ principal, id }, { database }) {
    const found = await database.bodies.get(id, scopeOf(principal))
    if (!found) throw notFound('body')
    await database.audit.append({
      ...auditOf('body', principal, 'read'),
      object: `request/${id}`,
      before: null,
      after: null,
    })
    const { request, response, isRequestCut, isResponseCut, expiresAt } = found
    return { body: { request, response, isRequestCut, isResponseCut, expiresAt: toTimeOrNull(expiresAt) } }
  },
}

/** A record as it is answered, without its attempts. */
function write(record: UsageSummary | UsageRecord): Record<string, unknown> {
  const values = valuesOf(record)
  return Object.fromEntries(NAMES.map((name) => [name, values[name] ?? null]))
}

const NAMES = Object.keys(fields)

function valuesOf(record: UsageSummary | UsageRecord): Readonly<Record<string, unknown>> {
  return { ...record, at: toTime(record.at) }
}

/** What was asked of the gateway, and what became of it. */
export const requests: readonly Resource[] = [list, exported, one, body]
