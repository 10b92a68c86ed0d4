import { mostOf, type Claim, type Ledger, type Standing } from '../core/limits.ts'
import { bare, type LeaseAnswer, type LeaseStep } from './ledger-messages.ts'

export interface LeaseBookSetup {
  /** Sums in this process's memory. */
  readonly ledger: Ledger
  /** Begins the names of its reservations. */
  readonly name: string
  /** Asks a worker to give back what it does not hold of its leases. */
  recall(worker: number, lease: number): void
  answer(worker: number, answer: LeaseAnswer): void
}

/** Of what is left of a limit nobody gets more in advance than this part. */
const SHARE = 8
/** A worker that is busy for longer keeps what it has, as if it were in use. */
const RECALL_MS = 100

interface Leased {
  readonly worker: number
  readonly lease: number
  claim: Claim
  /** Of its present reservation; undefined when it has none. */
  id: string | undefined
  amount: number
  held: number
  /** Those who wait for what is not held. */
  waiting: (() => void)[]
}

/** What workers were given of buckets in advance. To the ledger each lease is a reservation, renewed when it changes. */
export class LeaseBook {
  readonly #setup: LeaseBookSetup
  readonly #byWorker = new Map<number, Map<number, Leased>>()
  readonly #byBucket = new Map<string, Set<Leased>>()
  #lastId = 0

  constructor(setup: LeaseBookSetup) {
    this.#setup = setup
  }

  /** `claim` is of the lease's bucket. */
  renew(worker: number, [, number, , used, held, change]: LeaseStep, claim: Claim): void {
    const leased = this.#leasedBy(worker, number, claim)
    leased.claim = claim
    const rest = Math.max(leased.amount - used + Math.min(change, 0), 0)
    this.#settle(leased, used)
    leased.held = held
    later(this.#setup.ledger.standings([claim]), ([standing]) => {
      const amount = rest + (standing ? granted(claim, standing, { rest, change }) : 0)
      this.#reserve(leased, amount)
      this.#setup.answer(
        worker,
        standing ? [number, amount, bare(this.#without(leased, standing))] : [number, amount],
      )
      if (amount <= held) release(leased)
      if (amount === 0 && held === 0) this.#forget(leased)
    })
  }

  /** Undefined: no lease is in the way of these claims. Else a promise of when what can be given back is. */
  room(claims: readonly Claim[]): Promise<unknown> | undefined {
    const inTheWay = claims.flatMap((claim) => this.#inTheWayOf(claim))
    return inTheWay.length > 0 ? Promise.all(inTheWay.map((leased) => this.#recall(leased))) : undefined
  }

  /** What nobody holds of leases is as good as free. */
  withoutSpare(standing: Standing): Standing {
    let spare = 0
    for (const { amount, held } of this.#byBucket.get(standing.bucket) ?? [])
      spare += Math.max(amount - held, 0)
    return spare > 0 ? { ...standing, reserved: Math.max(standing.reserved - spare, 0) } : standing
  }

  gone(worker: number): void {
    const leases = this.#byWorker.get(worker)
    this.#byWorker.delete(worker)
    for (const leased of leases?.values() ?? []) {
      this.#settle(leased, 0)
      release(leased)
      this.#forget(leased)
    }
  }

  #leasedBy(worker: number, lease: number, claim: Claim): Leased {
    const leases = this.#byWorker.get(worker) ?? new Map<number, Leased>()
    this.#byWorker.set(worker, leases)
    const known = leases.get(lease)
    if (known) return known
    const leased = { worker, lease, claim, id: undefined, amount: 0, held: 0, waiting: [] }
    leases.set(lease, leased)
    const ofBucket = this.#byBucket.get(claim.bucket) ?? new Set()
    this.#byBucket.set(claim.bucket, ofBucket.add(leased))
    return leased
  }

  #forget(leased: Leased): void {
    this.#byWorker.get(leased.worker)?.delete(leased.lease)
    const ofBucket = this.#byBucket.get(leased.claim.bucket)
    ofBucket?.delete(leased)
    if (ofBucket?.size === 0) this.#byBucket.delete(leased.claim.bucket)
  }

  /** In a rolling window what was used counts from now on, and not from when the lease was given. */
  #settle(leased: Leased, used: number): void {
    const { ledger } = this.#setup
    const { id, claim } = leased
    const isOld = claim.rule.window?.kind === 'rolling' || id === undefined
    if (id !== undefined) ledger.settle(id, isOld ? [] : [used])
    leased.id = undefined
    leased.amount = 0
    if (!isOld || used === 0) return
    const own = this.#newId()
    later(ledger.reserve(own, [{ ...claim, amount: used, isDecided: true }]), () =>
      ledger.settle(own, [used]),
    )
  }

  #reserve(leased: Leased, amount: number): void {
    if (amount === 0) return
    leased.id = this.#newId()
    leased.amount = amount
    void this.#setup.ledger.reserve(leased.id, [{ ...leased.claim, amount, isDecided: true }])
  }

  #newId(): string {
    return `${this.#setup.name}/lease/${++this.#lastId}`
  }

  /** How the lease's bucket stands without it: the worker adds what it holds. */
  #without({ amount, held }: Leased, standing: Standing): Standing {
    const { reserved, ...others } = this.withoutSpare(standing)
    return { ...others, reserved: Math.max(reserved - Math.min(held, amount), 0) }
  }

  #inTheWayOf(claim: Claim): Leased[] {
    const ofBucket = this.#byBucket.get(claim.bucket)
    if (!ofBucket || claim.rule.action === 'alert') return []
    const spare = [...ofBucket].filter(({ amount, held }) => amount > held)
    const standings = spare.length > 0 ? this.#setup.ledger.standings([claim]) : []
    const [standing] = standings instanceof Promise ? [] : standings
    const isFull = standing && standing.used + standing.reserved + claim.amount > mostOf(claim.rule)
    return isFull ? spare : []
  }

  #recall(leased: Leased): Promise<void> {
    const { worker, lease, waiting } = leased
    if (waiting.length === 0) this.#setup.recall(worker, lease)
    return new Promise((resolve) => {
      waiting.push(resolve)
      setTimeout(resolve, RECALL_MS).unref()
    })
  }
}

/** All of what is wanted where nothing is refused; else a part of what is left. */
function granted(
  { rule }: Claim,
  { used, reserved }: Standing,
  { rest, change }: { rest: number; change: number },
): number {
  if (change <= 0) return 0
  if (rule.action === 'alert') return change
  const room = mostOf(rule) - used - reserved - rest
  return Math.min(change, Math.max(Math.floor(room / SHARE), 0))
}

function release(leased: Leased): void {
  const { waiting } = leased
  leased.waiting = []
  for (const resolve of waiting) resolve()
}

function later<Value>(value: Value | Promise<Value>, then: (value: Value) => void): void {
  if (value instanceof Promise) void value.then(then)
  else then(value)
}
