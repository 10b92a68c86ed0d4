import type { Worker } from 'node:cluster'
import { randomUUID } from 'node:crypto'
import type { Claim, Ledger } from '../core/limits.ts'
import { bare, toAnswer, type BucketInfo } from './ledger-messages.ts'
import type { LedgerAnswer, LedgerAnswers, LedgerBatch, LedgerStep } from './ledger-messages.ts'

/** Who is served: workers by their id. */
type Client = Pick<Worker, 'id'>

export interface LedgerDeskSetup<One extends Client> {
  readonly ledger: Ledger
  send(worker: One, answers: LedgerAnswers): void
}

interface Served<One> {
  readonly worker: One
  readonly known: Map<number, BucketInfo>
  /** Ids of reservations that are not settled. */
  readonly open: Set<string>
  answers: LedgerAnswer[]
  isGone: boolean
}

/** The primary's side of the workers' ledger: answers their batches, and releases what a dead one has reserved. */
export class LedgerDesk<One extends Client = Worker> {
  readonly #setup: LedgerDeskSetup<One>
  /** Several gateways may keep their sums in one place. */
  readonly #node: string = randomUUID()
  readonly #served = new Map<number, Served<One>>()

  constructor(setup: LedgerDeskSetup<One>) {
    this.#setup = setup
  }

  receive(worker: One, { known = [], isFresh, steps }: LedgerBatch): void {
    const served = this.#served.get(worker.id) ?? this.#welcome(worker)
    if (isFresh) served.known.clear()
    for (const [number, info] of known) served.known.set(number, info)
    for (const step of steps) this.#take(served, step)
    this.#flush(served)
  }

  /** The worker is dead: what it had under way is not any more. */
  gone({ id }: Client): void {
    const served = this.#served.get(id)
    if (!served) return
    served.isGone = true
    this.#served.delete(id)
    for (const open of served.open) this.#setup.ledger.settle(open, [])
  }

  #welcome(worker: One): Served<One> {
    const served = { worker, known: new Map(), open: new Set<string>(), answers: [], isGone: false }
    this.#served.set(worker.id, served)
    return served
  }

  #take(served: Served<One>, step: LedgerStep): void {
    const { ledger } = this.#setup
    const [what, n] = step
    const id = `${this.#node}/${served.worker.id}/${n}`
    switch (what) {
      case 'reserve': {
        served.open.add(id)
        const claims = step[2].map(([bucket, amount]) => claimOf(served, bucket, amount))
        later(ledger.reserve(id, claims), (verdict) => {
          if (!verdict.ok) served.open.delete(id)
          return this.#answer(served, toAnswer(n, verdict))
        })
        return
      }
      case 'settle':
        served.open.delete(id)
        ledger.settle(id, step[2])
        return
      case 'look': {
        const claims = step[2].map((bucket) => claimOf(served, bucket, 0))
        later(ledger.standings(claims), (standings) => this.#answer(served, [n, -1, standings.map(bare)]))
      }
    }
  }

  #answer(served: Served<One>, answer: LedgerAnswer): void {
    served.answers.push(answer)
    // Those that are ready at once leave with the batch's own message.
    if (served.answers.length === 1) setImmediate(() => this.#flush(served))
  }

  #flush(served: Served<One>): void {
    if (served.answers.length === 0 || served.isGone) return
    const { answers } = served
    served.answers = []
    this.#setup.send(served.worker, { type: 'ledger-answers', answers })
  }
}

function claimOf<One>({ known }: Served<One>, bucket: number, amount: number): Claim {
  const info = known.get(bucket)
  if (!info) throw new Error(`the ledger does not know the bucket ${bucket}`)
  return { ...info, amount }
}

function later<Value>(value: Value | Promise<Value>, then: (value: Value) => void): void {
  if (value instanceof Promise) void value.then(then)
  else then(value)
}
