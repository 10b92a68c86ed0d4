import type { AdminClient } from './admin-client.ts'
import type { Asked } from './load.ts'
import type { SoakUpstream } from './upstream.ts'

/** What is looked at of a row. */
interface Row {
  readonly id: string
  readonly keyId: string | null
  readonly status: number
  readonly outcome: string
  readonly tokens: Readonly<Record<string, number>> | null
  readonly isEstimated: boolean
}

/** Rows of requests that began this long ago are there. */
const SETTLED_MS = 15_000
const MOST_PROBLEMS = 20
const INPUT: ReadonlySet<string> = new Set([
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
])

/** Compares the gateway's rows with what its clients saw and what its upstream knows, window by window. */
export class Books {
  readonly #admin: AdminClient
  readonly #upstream: SoakUpstream
  readonly #asked = new Map<string, Asked>()
  /** Rows whose client has not told yet. */
  #early: Row[] = []
  #since = Date.now() - 1000
  readonly problems: string[] = []
  rows = 0
  exact = 0
  /** Requests with a revoked key. */
  strangers = 0
  tokens = 0
  readonly outcomes = new Map<string, number>()

  constructor(admin: AdminClient, upstream: SoakUpstream) {
    this.#admin = admin
    this.#upstream = upstream
  }

  readonly over = (id: string, asked: Asked): void => {
    if (this.#asked.has(id)) this.#report(`two answers have the id ${id}`)
    if (asked.keyId !== undefined) {
      this.#asked.set(id, asked)
      return
    }
    // Nobody's request: it costs nothing, and leaves no row.
    this.strangers++
    if (asked.status !== 401) this.#report(`${id}: a revoked key was answered with ${asked.status}`)
  }

  /** Of requests that are over and whose row was not looked at yet. */
  get open(): number {
    return this.#asked.size + this.#early.length
  }

  /** With `isLast` nothing may be left. */
  async compare(isLast = false): Promise<void> {
    const until = isLast ? Date.now() + 60_000 : Date.now() - SETTLED_MS
    if (until <= this.#since) return
    const window = `since=${toIso(this.#since)}&until=${toIso(until)}`
    const text = await this.#admin.ask('GET', `/admin/requests/export?format=jsonl&${window}`)
    this.#since = until
    const rows = text
      .split('\n')
      .filter(Boolean)
      .map((line): Row => JSON.parse(line))
    this.rows += rows.length
    const waiting = [...this.#early, ...rows]
    this.#early = []
    for (const row of waiting) {
      const asked = this.#asked.get(row.id)
      if (!asked) this.#early.push(row)
      else {
        this.#asked.delete(row.id)
        this.#check(row, asked)
      }
    }
    if (!isLast) return
    for (const [id, { status }] of this.#asked)
      this.#report(`${id} was answered with ${status} and has no row`)
    for (const { id } of this.#early) this.#report(`the row ${id} is of no request`)
  }

  #check(row: Row, asked: Asked): void {
    const attempts = this.#upstream.take(asked.number)
    const answered = attempts.at(-1)
    this.outcomes.set(row.outcome, (this.outcomes.get(row.outcome) ?? 0) + 1)
    const sums = sumsOf(row)
    this.tokens += sums.input + sums.output
    const wrong = (what: string): void =>
      this.#report(
        `${row.id}: ${what}; row ${JSON.stringify(row)}, client ${JSON.stringify(asked)}, upstream ${JSON.stringify(attempts)}`,
      )
    if (row.keyId !== asked.keyId) wrong('another key')
    if (asked.hasLeft) return
    if (row.status !== asked.status) wrong('another status')
    if (asked.status !== 200) {
      if (row.outcome !== 'error') wrong('a failure that is none')
      return
    }
    if (!asked.isWhole) {
      if (row.outcome !== 'cut') wrong('a cut stream that is whole')
      return
    }
    if (answered?.end !== 'ok' || row.outcome !== 'ok') return wrong('an answer from nowhere')
    if (row.isEstimated || sums.input !== answered.inputTokens || sums.output !== answered.outputTokens) {
      return wrong('other tokens')
    }
    this.exact++
  }

  #report(problem: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem)
    else this.problems[MOST_PROBLEMS] = 'and more'
  }
}

function sumsOf({ tokens }: Row): { input: number; output: number } {
  let [input, output] = [0, 0]
  for (const [name, count] of Object.entries(tokens ?? {})) {
    if (INPUT.has(name)) input += count
    else output += count
  }
  return { input, output }
}

function toIso(ms: number): string {
  return new Date(ms).toISOString()
}
