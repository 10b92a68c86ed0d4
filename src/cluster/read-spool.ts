import type { StoredBody } from '../core/database.ts'
import { isObject } from '../core/json.ts'
import type { UsageRecord } from '../core/usage-record.ts'
import { readUsageRecord } from '../gateway/usage-line.ts'

/** Complete lines of a spool. */
export interface SpoolSlice {
  readonly records: UsageRecord[]
  /** What was said in some of them. */
  readonly bodies: StoredBody[]
  /** Of requests that have begun. */
  readonly open: UsageRecord[]
  /** Lines that are no records: torn, or changed by somebody. */
  readonly broken: number
  /** How many bytes they are. */
  readonly bytes: number
  /** Whether the writer has said that nothing more comes. */
  readonly isClosed: boolean
}

const NEWLINE = 0x0a

/** The first complete lines of `bytes`, at most `most` of them. */
export function readLines(bytes: Buffer, most: number): SpoolSlice {
  const records: UsageRecord[] = []
  const bodies: StoredBody[] = []
  const open: UsageRecord[] = []
  let broken = 0
  let start = 0
  let isClosed = false
  for (let count = 0; count < most; count++) {
    const end = bytes.indexOf(NEWLINE, start)
    if (end === -1) break
    const line = readLine(bytes.toString('utf8', start, end))
    if (line === undefined) broken++
    else if (line === 'closed') isClosed = true
    else if ('open' in line) open.push(line.open)
    else {
      records.push(line.record)
      if (line.body) bodies.push(line.body)
    }
    start = end + 1
  }
  return { records, bodies, open, broken, bytes: start, isClosed }
}

/** What a worker sent or wrote in one line: a request that has ended or begun, or that nothing more comes. */
export type SpoolLine = { record: UsageRecord; body?: StoredBody } | { open: UsageRecord } | 'closed'

/** Undefined when it is none. */
export function readLine(text: string): SpoolLine | undefined {
  const value = parse(text)
  if (!isObject(value)) return undefined
  if (value['closed'] === true) return 'closed'
  const open = readUsageRecord(value['open'])
  if (open) return { open }
  const record = readUsageRecord(value)
  const body = record && readBody(value['body'], record)
  return record && { record, ...(body && { body }) }
}

function readBody(value: unknown, { id, at }: UsageRecord): StoredBody | undefined {
  if (!isObject(value)) return undefined
  const { request, response, retentionMs } = value
  return {
    id,
    at,
    expiresAt: typeof retentionMs === 'number' ? at + retentionMs : null,
    request: typeof request === 'string' ? request : null,
    response: typeof response === 'string' ? response : null,
    isRequestCut: value['isRequestCut'] === true,
    isResponseCut: value['isResponseCut'] === true,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
