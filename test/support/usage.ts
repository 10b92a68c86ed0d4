import type { BodyTable, SpoolProgress, StoredBody } from '../../src/core/database.ts'
import type { UsageRecord } from '../../src/core/usage-record.ts'

/** A record of an ordinary request. */
export function usageRecord(id: string, changes: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id,
    at: 1,
    keyId: null,
    keyName: null,
    user: null,
    team: null,
    tags: {},
    route: 'chat',
    target: 'p/m',
    provider: 'p',
    model: 'm',
    modelServed: null,
    dialect: 'openai',
    endpoint: '/v1/chat/completions',
    stream: false,
    status: 200,
    outcome: 'ok',
    error: null,
    tokens: null,
    isEstimated: false,
    webSearches: 0,
    searchUnits: 0,
    costUsd: null,
    priceVersion: null,
    durationMs: 1,
    firstByteMs: 1,
    tokensPerSecond: null,
    cache: null,
    requestBytes: 0,
    responseBytes: 0,
    attempts: [],
    ...changes,
  }
}

/** Keeps records as a database does: each id once, with the progress or not at all. */
export class UsageShelf {
  readonly records = new Map<string, UsageRecord>()
  readonly said = new Map<string, StoredBody>()
  readonly bodies: Pick<BodyTable, 'append'> = {
    append: (bodies) => {
      if (this.isAway) return Promise.reject(new Error('away'))
      for (const body of bodies) this.said.set(body.id, body)
      return Promise.resolve(bodies.length)
    },
  }
  readonly #progress = new Map<string, number>()
  /** How often records came that were there already. */
  repeated = 0
  isAway = false

  append(records: readonly UsageRecord[], progress?: SpoolProgress): Promise<number> {
    if (this.isAway) return Promise.reject(new Error('away'))
    const before = this.records.size
    for (const record of records) {
      if (this.records.has(record.id)) this.repeated++
      else this.records.set(record.id, record)
    }
    if (progress) this.#progress.set(progress.spool, progress.offset)
    return Promise.resolve(this.records.size - before)
  }

  progress(spool: string): Promise<number> {
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve(this.#progress.get(spool) ?? 0)
  }
}
