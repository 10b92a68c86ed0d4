import { GatewayError } from '../core/error.ts'
import type { UsageRecord } from '../core/usage-record.ts'
import type { CallRecord } from '../gateway/record.ts'
import { writeUsageLine } from '../gateway/usage-line.ts'
import { toAbortedRecord, toUsageRecord } from '../gateway/usage-record.ts'
import type { InProgress } from '../http/client-connection.ts'
import { MAX_RECORD_BYTES, Spool } from './spool.ts'

/** Records of a worker that writes no files, on their way to the primary: JSON lines. */
export interface UsageBatch {
  type: 'usage'
  lines: string[]
}

/** The spools hold as much as they may, or have room again, or the configuration says something else of records. */
export interface SpoolRoom {
  type: 'spool-room'
  isKept: boolean
  isFull: boolean
  whenFull: 'refuse' | 'drop'
}

export interface UsageWriterSetup {
  /** Where spools are; absent: nothing is kept on disk. */
  readonly directory: string | undefined
  /** Whether records are kept at all. */
  readonly isKept: boolean
  /** What becomes of requests whose record finds no room. */
  readonly whenFull: 'refuse' | 'drop'
  readonly isFull: boolean
}

interface UsageWriterTools {
  send(batch: UsageBatch): void
  warn(message: string): void
}

const FULL = 'usage_full'
/** Short requests leave nothing when their process dies: a second line for each would cost more than it tells. */
const LONG_MS = 1_000

/** Keeps a record of each request of this worker: in its spool, or with the primary when nothing is kept on disk. */
export class UsageWriter {
  readonly #tools: UsageWriterTools
  #spool: Spool | undefined
  #whenFull: UsageWriterSetup['whenFull'] = 'refuse'
  #isFull = false
  #batch: string[] | undefined
  /** Records that found no room, since the start. */
  dropped = 0
  #isOn = false

  constructor(tools: UsageWriterTools) {
    this.#tools = tools
  }

  /** Absent: nobody keeps records. */
  start(setup: UsageWriterSetup | undefined): void {
    if (!setup) return
    const { directory, isKept, whenFull, isFull } = setup
    this.#isOn = isKept
    this.#isFull = isFull
    this.#spool = directory === undefined ? undefined : new Spool({ directory })
    this.#whenFull = whenFull
  }

  /** The primary says whether records are kept, and whether the spools together have room. */
  receive({ isKept, isFull, whenFull }: SpoolRoom): void {
    this.#isOn = isKept
    this.#isFull = isFull
    this.#whenFull = whenFull
  }

  /** Another configuration is in use. */
  rotate(): void {
    this.#spool?.rotate()
  }

  /** Why a new request must not be taken: its record could not be kept. */
  refusal(): GatewayError | undefined {
    return this.#hasRoom() || !this.#isOn || this.#whenFull === 'drop' ? undefined : full()
  }

  record(record: CallRecord): void {
    // These come in any number, while there is no room or from those who may not call; no provider was asked.
    if (!this.#isOn || record.error?.code === FULL || !record.caller) return
    // A request that was taken while there was room is waited for; the others may be dropped.
    if (this.#whenFull === 'drop' && !this.#hasRoom()) this.#drop()
    else this.#keep(withBody(lineOf(toUsageRecord(record)), record))
  }

  /** What is kept of requests that take long if this process dies before their end: once in each file. */
  noteLong(underWay: Iterable<InProgress>): void {
    if (!this.#spool || !this.#isOn || !this.#hasRoom()) return
    const begunBefore = performance.now() - LONG_MS
    for (const request of underWay) {
      if (request.startedAt > begunBefore || request.notedIn === this.#spool.file) continue
      this.#spool.append(`{"open":${lineOf(toAbortedRecord(request.soFar()))}}`)
      request.notedIn = this.#spool.file
    }
  }

  #hasRoom(): boolean {
    return !this.#isFull && !this.#spool?.isStuck
  }

  #keep(line: string): void {
    if (this.#spool) this.#spool.append(line)
    else if (this.#batch) this.#batch.push(line)
    else {
      const lines = [line]
      this.#batch = lines
      setImmediate(() => {
        this.#batch = undefined
        this.#tools.send({ type: 'usage', lines })
      })
    }
  }

  #drop(): void {
    this.dropped++
    if (Math.log10(this.dropped) % 1 !== 0) return
    this.#tools.warn(`usage: no room for records; ${this.dropped} dropped so far (usage.when_full: drop)`)
  }
}

/** Tags and attempts may be long; who called and what it cost never is. */
function lineOf(record: UsageRecord): string {
  const line = writeUsageLine(record)
  if (line.length * MAX_BYTES_PER_UNIT < MAX_RECORD_BYTES) return line
  if (Buffer.byteLength(line) < MAX_RECORD_BYTES - MARGIN) return line
  return writeUsageLine({ ...record, tags: {}, attempts: [], endpoint: record.endpoint.slice(0, 1024) })
}

/** What was said goes with the record: both are there, or none. */
function withBody(line: string, { said }: CallRecord): string {
  if (!said) return line
  const { retentionMs } = said
  const body = { ...said.kept(), ...(retentionMs !== undefined && { retentionMs }) }
  return `${line.slice(0, -1)},"body":${JSON.stringify(body)}}`
}

const MAX_BYTES_PER_UNIT = 3.1
/** For what stands around the record of an open stream. */
const MARGIN = 100

function full(): GatewayError {
  return new GatewayError(
    'The gateway cannot keep records of requests: its disk or its spool is full. Make room in the data directory, or see that its database takes records again.',
    { kind: 'busy', status: 503, code: FULL, retryAfter: '5' },
  )
}
