import { isObject } from '../core/json.ts'
import type { UsageRecord } from '../core/usage-record.ts'
import { readUsageRecord } from '../gateway/usage-line.ts'

/** Complete lines of a spool. */
export interface SpoolSlice {
  readonly records: UsageRecord[]
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
    else records.push(line)
    start = end + 1
  }
  return { records, open, broken, bytes: start, isClosed }
}

/** The record of a line that a worker sent or wrote; undefined when it is none. */
export function readLine(text: string): UsageRecord | { open: UsageRecord } | 'closed' | undefined {
  const value = parse(text)
  if (!isObject(value)) return undefined
  if (value['closed'] === true) return 'closed'
  const open = readUsageRecord(value['open'])
  return open ? { open } : readUsageRecord(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
