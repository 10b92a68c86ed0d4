import {
  isSameRule,
  mostOf,
  type Claim,
  type LimitRule,
  type Standing,
  type Verdict,
} from '../core/limits.ts'
import type { BareStanding, LeaseAnswer, LeaseStep } from './ledger-messages.ts'

export interface LeasesSetup {
  /** Says it to the primary, in order with all else that is said to it. */
  say(lease: number, claim: Claim, rest: LeaseRest): void
}

/** What is said of a lease after its number and its bucket. */
export type LeaseRest = LeaseStep extends readonly ['lease', number, number, ...infer Rest] ? Rest : never

/** How often what was used is told. What a worker that is killed has not told is not counted. */
const REPORT_MS = 50
/** What is asked for is to last for two of these; what nobody needed for one of them is given back. */
const SLOT_MS = 500
/** Fewer requests in a slot are not worth a lease. */
const MIN_REQUESTS = 2
/** So long nothing is asked for where there was no room, or somebody else needed it. */
const SCARCE_MS = 1000

/**
 * Room in buckets that the primary has given to this worker in advance, so that it lets requests through without asking
 * for each. Leased is only what is far from its limit, and it is given back when nobody needs it, or somebody else does.
 */
export class Leases {
  readonly #setup: LeasesSetup
  readonly #byBucket = new Map<string, Lease>()
  readonly #byNumber = new Map<number, Lease>()
  /** By request. */
  readonly #open = new Map<string, readonly Hold[]>()
  #lastNumber = 0
  #isTicking = false

  constructor(setup: LeasesSetup) {
    this.#setup = setup
  }

  has(id: string): boolean {
    return this.#open.has(id)
  }

  /** Undefined: not all of it is leased, the primary has to be asked. */
  take(id: string, claims: readonly Claim[]): Verdict | undefined {
    const now = performance.now()
    const holds: Hold[] = []
    let isLeased = true
    for (const claim of claims) {
      const lease = this.#of(claim)
      lease.note(claim.amount, now)
      isLeased = isLeased && lease.covers(claim.amount, now)
      if (isLeased) holds.push(lease.hold(claim.amount))
    }
    this.#tickLater()
    if (!isLeased) {
      for (const hold of holds) hold.lease.release(hold)
      return undefined
    }
    this.#open.set(id, holds)
    for (const { lease } of holds) if (lease.isLow) this.#renew(lease, now)
    return { ok: true, standings: holds.map(({ lease }) => lease.standing(now)) }
  }

  /** False: it was not taken here. */
  settle(id: string, amounts: readonly number[]): boolean {
    const holds = this.#open.get(id)
    if (!holds) return false
    this.#open.delete(id)
    for (const [index, hold] of holds.entries()) hold.lease.settle(hold, Math.max(amounts[index] ?? 0, 0))
    this.#tickLater()
    return true
  }

  /** What was taken of these is told before anything else is. */
  report(claims: readonly Claim[]): void {
    for (const { bucket } of claims) {
      const lease = this.#byBucket.get(bucket)
      if (lease?.hasNews && !lease.isAsking) this.#say(lease, 0)
    }
  }

  /** Nothing more will be taken: all is told and given back. */
  close(): void {
    for (const lease of this.#byBucket.values()) this.#say(lease, -lease.spare)
  }

  receive([number, amount, standing]: LeaseAnswer): void {
    const lease = this.#byNumber.get(number)
    if (!lease) return
    lease.receive(amount, standing)
    if (lease.isRecalled) this.#giveBack(lease)
  }

  /** Somebody else needs what is left of these. */
  recall(numbers: readonly number[]): void {
    for (const number of numbers) {
      const lease = this.#byNumber.get(number)
      if (lease?.isAsking) lease.isRecalled = true
      else if (lease) this.#giveBack(lease)
    }
  }

  #giveBack(lease: Lease): void {
    lease.isRecalled = false
    lease.scarceUntil = performance.now() + SCARCE_MS
    this.#say(lease, -lease.spare)
  }

  #of(claim: Claim): Lease {
    const known = this.#byBucket.get(claim.bucket)
    if (known) {
      if (!isSameRule(known.claim.rule, claim.rule)) known.claim = claim
      return known
    }
    const lease = new Lease(++this.#lastNumber, claim)
    this.#byBucket.set(claim.bucket, lease)
    this.#byNumber.set(lease.number, lease)
    return lease
  }

  #tickLater(): void {
    if (this.#isTicking) return
    this.#isTicking = true
    setTimeout(() => this.#tick(), REPORT_MS).unref()
  }

  #tick(): void {
    this.#isTicking = false
    const now = performance.now()
    for (const lease of this.#byBucket.values()) {
      if (!lease.isAsking) this.#renew(lease, now)
      if (lease.isIdle(now)) this.#forget(lease)
    }
    if (this.#byBucket.size > 0) this.#tickLater()
  }

  #renew(lease: Lease, now: number): void {
    if (lease.isAsking) return
    if (lease.isOver(now)) lease.end()
    const change = lease.wanted(now) - lease.spare
    // A little more or less than what is needed is not worth a message.
    const isEnough = change < 0 ? -change <= lease.spare / 2 : change <= lease.wanted(now) / 2
    if (lease.hasNews || lease.isStale || !isEnough) this.#say(lease, change)
  }

  #say(lease: Lease, change: number): void {
    const rest = lease.ask(change)
    this.#setup.say(lease.number, lease.claim, rest)
  }

  #forget({ number, claim }: Lease): void {
    this.#byNumber.delete(number)
    this.#byBucket.delete(claim.bucket)
  }
}

/** What a request holds of a lease. */
interface Hold {
  readonly lease: Lease
  readonly amount: number
  readonly generation: number
}

/** One bucket's. */
class Lease {
  readonly number: number
  claim: Claim
  /** What may be held, and used since that was told. */
  granted = 0
  used = 0
  /** By requests that are under way. */
  held = 0
  isAsking = false
  isRecalled = false
  scarceUntil = 0
  /** What was held before the window ended is of no account after it. */
  #generation = 0
  #rule: LimitRule
  #asked = { at: 0, isMore: false, held: 0 }
  #endsAt = Number.POSITIVE_INFINITY
  #base: BareStanding = [0, 0, 0]
  #slot = 0
  #present = { requests: 0, amount: 0 }
  #last = { requests: 0, amount: 0 }

  constructor(number: number, claim: Claim) {
    this.number = number
    this.claim = claim
    this.#rule = claim.rule
  }

  /** What is granted and nobody has taken. */
  get spare(): number {
    return this.granted - this.used - this.held
  }

  /** Whether the primary does not know what was taken. */
  get hasNews(): boolean {
    return this.used > 0 || this.held !== this.#asked.held
  }

  /** Whether it will not last until it is looked at again. */
  get isLow(): boolean {
    return this.spare < this.#present.amount / 4
  }

  /** Counts a request, whoever lets it through. */
  note(amount: number, now: number): void {
    this.#moveTo(now)
    this.#present.requests += 1
    this.#present.amount += amount
  }

  covers(amount: number, now: number): boolean {
    return this.granted > 0 && amount <= this.spare && !this.isStale && now < this.#endsAt
  }

  hold(amount: number): Hold {
    this.held += amount
    return { lease: this, amount, generation: this.#generation }
  }

  release({ amount }: Hold): void {
    this.held -= amount
  }

  settle({ amount, generation }: Hold, used: number): void {
    if (generation !== this.#generation) return
    this.held -= amount
    if (this.claim.rule.window) this.used += used
  }

  /** How it stands with what was taken here since the primary last told. */
  standing(now: number): Standing {
    const [used, reserved, resetAt] = this.#base
    return {
      bucket: this.claim.bucket,
      most: mostOf(this.claim.rule),
      used: used + this.used,
      reserved: reserved + this.held,
      resetMs: Math.max(resetAt - now, 0),
    }
  }

  /** It was granted under a rule that has changed. */
  get isStale(): boolean {
    return this.granted > 0 && this.#rule !== this.claim.rule
  }

  isOver(now: number): boolean {
    return now >= this.#endsAt
  }

  /** With its window: what is held is of no account in the next one. */
  end(): void {
    this.held = 0
    this.#generation += 1
    this.#present = { requests: 0, amount: 0 }
    this.#last = this.#present
  }

  /** How much there should be to take. */
  wanted(now: number): number {
    this.#moveTo(now)
    if (now < this.scarceUntil) return 0
    const requests = Math.max(this.#present.requests, this.#last.requests)
    // What costs nothing needs a lease as well.
    return requests < MIN_REQUESTS ? 0 : Math.max(2 * this.#present.amount, 2 * this.#last.amount, 1)
  }

  ask(change: number): LeaseRest {
    const { used, held } = this
    this.isAsking = true
    this.#asked = { at: performance.now(), isMore: change > 0, held }
    this.granted -= used
    if (change < 0) this.granted += change
    this.used = 0
    return [used, held, change]
  }

  receive(amount: number, standing: BareStanding | undefined): void {
    const { at, isMore } = this.#asked
    this.isAsking = false
    if (this.isOver(performance.now())) this.end()
    if (isMore && amount <= this.granted) this.scarceUntil = at + SCARCE_MS
    this.granted = amount
    this.#rule = this.claim.rule
    if (!standing) return
    const [used, reserved, resetMs] = standing
    this.#base = [used, reserved, at + resetMs]
    // It was told after it was asked for: the window does not end before this.
    this.#endsAt = this.#rule.window?.kind === 'calendar' ? at + resetMs : Number.POSITIVE_INFINITY
  }

  isIdle(now: number): boolean {
    this.#moveTo(now)
    const isQuiet = this.#present.requests + this.#last.requests === 0
    return isQuiet && !this.isAsking && this.granted === 0 && this.held === 0 && !this.hasNews
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / SLOT_MS)
    if (slot === this.#slot) return
    this.#last = slot === this.#slot + 1 ? this.#present : { requests: 0, amount: 0 }
    this.#present = { requests: 0, amount: 0 }
    this.#slot = slot
  }
}
