import type { Worker } from 'node:cluster'
import { randomUUID } from 'node:crypto'
import type { Claim, Ledger, Standing } from '../core/limits.ts'
import { LeaseBook } from './lease-book.ts'
import { bare, toAnswer, type BareStanding, type BucketInfo, type LeaseAnswer } from './ledger-messages.ts'
import type { LedgerAnswer, LedgerAnswers, LedgerBatch, LedgerStep } from './ledger-messages.ts'

/** Who is served: workers by their id. */
type Client = Pick<Worker, 'id'>

export interface LedgerDeskSetup<One extends Client> {
  readonly ledger: Ledger
  /** Whether the sums are in this process's memory: then workers are given room in advance. */
  readonly isLocal: boolean
  send(worker: One, answers: LedgerAnswers): void
}

interface Served<One> {
  readonly worker: One
  readonly known: Map<number, BucketInfo>
  /** Ids of reservations that are not settled. */
  readonly open: Set<string>
  answers: LedgerAnswer[]
  leases: LeaseAnswer[]
  recalled: number[]
  isDue: boolean
  isGone: boolean
}

/** The primary's side of the workers' ledger: answers their batches, and releases what a dead one has reserved. */
export class LedgerDesk<One extends Client = Worker> {
  readonly #setup: LedgerDeskSetup<One>
  /** Several gateways may keep their sums in one place. */
  readonly #node: string = randomUUID()
  readonly #served = new Map<number, Served<One>>()
  readonly #leases: LeaseBook | undefined

  constructor(setup: LedgerDeskSetup<One>) {
    this.#setup = setup
    if (!setup.isLocal) return
    this.#leases = new LeaseBook({
      ledger: setup.ledger,
      name: this.#node,
      recall: (worker, lease) => this.#say(worker, ({ recalled }) => recalled.push(lease)),
      answer: (worker, answer) => this.#say(worker, ({ leases }) => leases.push(answer)),
    })
  }

  receive(worker: One, { known = [], isFresh, steps }: LedgerBatch): void {
    const served = this.#served.get(worker.id) ?? this.#welcome(worker)
    if (isFresh) served.known.clear()
    for (const [number, info] of known) served.known.set(number, info)
    for (const step of steps) this.#take(served, step)
    this.#flush(served)
  }

  /** How buckets stand, with what the workers hold and have used. */
  async standings(claims: readonly Claim[]): Promise<Standing[]> {
    const standings = await this.#setup.ledger.standings(claims)
    return standings.map((one) => this.#leases?.withoutSpare(one) ?? one)
  }

  /** The worker is dead: what it had under way is not any more. */
  gone({ id }: Client): void {
    const served = this.#served.get(id)
    if (!served) return
    served.isGone = true
    this.#served.delete(id)
    this.#leases?.gone(id)
    for (const open of served.open) this.#setup.ledger.settle(open, [])
  }

  #welcome(worker: One): Served<One> {
    const served = {
      worker,
      known: new Map(),
      open: new Set<string>(),
      answers: [],
      leases: [],
      recalled: [],
      isDue: false,
      isGone: false,
    }
    this.#served.set(worker.id, served)
    return served
  }

  #take(served: Served<One>, step: LedgerStep): void {
    const [what, n] = step
    switch (what) {
      case 'reserve': {
        served.open.add(this.#idOf(served, n))
        const claims = step[2].map(([bucket, amount]) => claimOf(served, bucket, amount))
        const room = this.#leases?.room(claims)
        if (room) void room.then(() => this.#reserve(served, n, claims))
        else this.#reserve(served, n, claims)
        return
      }
      case 'settle': {
        const id = this.#idOf(served, n)
        served.open.delete(id)
        this.#setup.ledger.settle(id, step[2])
        return
      }
      case 'look': {
        const claims = step[2].map((bucket) => claimOf(served, bucket, 0))
        later(this.#setup.ledger.standings(claims), (standings) => {
          this.#answer(served, [n, -1, standings.map((one) => this.#bare(one))])
        })
        return
      }
      case 'lease':
        if (this.#leases) this.#leases.renew(served.worker.id, step, claimOf(served, step[2], 0))
        else this.#say(served.worker.id, ({ leases }) => leases.push([n, 0]))
    }
  }

  #reserve(served: Served<One>, n: number, claims: readonly Claim[]): void {
    const { ledger } = this.#setup
    const id = this.#idOf(served, n)
    later(ledger.reserve(id, claims), (verdict) => {
      // Given up, or its worker died, before there was an answer.
      if (verdict.ok && !served.open.has(id)) return ledger.settle(id, [])
      if (!verdict.ok) served.open.delete(id)
      this.#answer(
        served,
        toAnswer(n, verdict, (standing) => this.#bare(standing)),
      )
    })
  }

  #bare(standing: Standing): BareStanding {
    return bare(this.#leases?.withoutSpare(standing) ?? standing)
  }

  #idOf({ worker }: Served<One>, n: number): string {
    return `${this.#node}/${worker.id}/${n}`
  }

  #answer(served: Served<One>, answer: LedgerAnswer): void {
    served.answers.push(answer)
    this.#flushLater(served)
  }

  #say(worker: number, add: (served: Served<One>) => void): void {
    const served = this.#served.get(worker)
    if (!served) return
    add(served)
    this.#flushLater(served)
  }

  /** What is ready at once leaves with the batch's own message. */
  #flushLater(served: Served<One>): void {
    if (served.isDue) return
    served.isDue = true
    setImmediate(() => this.#flush(served))
  }

  #flush(served: Served<One>): void {
    served.isDue = false
    const { answers, leases, recalled, isGone } = served
    if (answers.length + leases.length + recalled.length === 0 || isGone) return
    served.answers = []
    served.leases = []
    served.recalled = []
    this.#setup.send(served.worker, {
      type: 'ledger-answers',
      answers,
      ...(leases.length > 0 && { leases }),
      ...(recalled.length > 0 && { recalled }),
    })
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
