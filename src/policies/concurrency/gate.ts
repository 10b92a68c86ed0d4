import type { Call } from '../../core/call.ts'
import { toGatewayError, type GatewayError } from '../../core/error.ts'
import { FairQueue } from './fair-queue.ts'
import { REASONS, refuse, type Refused } from './refusal.ts'

/** How much the last request counts in the mean of the time for which slots are held. */
const NEWEST_SHARE = 1 / 16

export interface Limits {
  /** Requests under way. */
  readonly max: number
  /** Requests that wait. */
  readonly queue: number
  readonly queueTimeoutMs: number
  /** Of two configurations the later one, with the higher number, counts. */
  readonly version: number
}

/** A request under way. */
export interface Slot {
  readonly call: Call
  readonly takenAt: number
}

interface Waiter {
  readonly call: Call
  admit(): void
  fail(error: GatewayError): void
}

/** Lets so many requests through at a time; the others wait for their turn, for a while and up to a number. */
export class Gate {
  readonly #route: string
  #limits: Limits
  readonly #slots = new Set<Slot>()
  readonly #queue = new FairQueue<Waiter>()
  #meanHeldMs: number | undefined

  constructor(route: string, limits: Limits) {
    this.#route = route
    this.#limits = limits
  }

  /** Requests that wait. */
  get queued(): number {
    return this.#queue.size
  }

  /** Whether nothing would be lost with it. */
  get isIdle(): boolean {
    return this.#slots.size === 0 && this.#queue.size === 0
  }

  /** A reload may change the limits; requests of before it still count, and do not bring the old limits back. */
  adopt(limits: Limits): void {
    if (limits.version <= this.#limits.version) return
    this.#limits = limits
    this.#admit()
  }

  /** A slot, if one is free. */
  take(call: Call): Slot | undefined {
    return this.#slots.size < this.#limits.max ? this.#fill(call) : undefined
  }

  /** Ends the request that held the slot; whose turn it is gets it. */
  free(slot: Slot): void {
    if (!this.#slots.delete(slot)) return
    const heldMs = performance.now() - slot.takenAt
    const mean = this.#meanHeldMs ?? heldMs
    this.#meanHeldMs = mean + (heldMs - mean) * NEWEST_SHARE
    this.#admit()
  }

  /** A slot as soon as it is this call's turn. Rejects when it cannot wait, may wait no longer, or is given up. */
  wait(call: Call): Promise<Slot> {
    if (call.signal.aborted) return Promise.reject(toGatewayError(call.signal.reason))
    const full = this.#makePlace(call)
    return full ? Promise.reject(full) : this.#enqueue(call)
  }

  /**
   * The error for a call that finds the queue full. A tenant with more requests in it loses its newest instead, so that
   * those who ask little are not kept out by those who ask much.
   */
  #makePlace(call: Call): GatewayError | undefined {
    const { queue } = this.#limits
    if (this.#queue.size < queue) return undefined
    const own = this.#queue.sizeOf(call.caller.tenant)
    const evicted = queue > 0 ? this.#queue.newestOfLongerThan(own + 1) : undefined
    if (!evicted) return this.#refuse(call, 'full')
    evicted.fail(this.#refuse(evicted.call, 'evicted'))
    return undefined
  }

  #enqueue(call: Call): Promise<Slot> {
    const { tenant } = call.caller
    const startedAt = performance.now()
    return new Promise((resolve, reject) => {
      const leave = (): number => {
        clearTimeout(timer)
        call.signal.removeEventListener('abort', giveUp)
        this.#queue.remove(tenant, waiter)
        const waitedMs = performance.now() - startedAt
        call.trail.waitedMs += waitedMs
        return Math.round(waitedMs)
      }
      const waiter: Waiter = {
        call,
        admit: () => {
          call.trail.note('concurrency', `waited ${leave()} ms for its turn`)
          resolve(this.#fill(call))
        },
        fail: (error) => {
          leave()
          reject(error)
        },
      }
      const giveUp = (): void => {
        call.trail.note('concurrency', `given up after a wait of ${leave()} ms`)
        reject(toGatewayError(call.signal.reason))
      }
      const timer = setTimeout(() => waiter.fail(this.#refuse(call, 'late')), this.#limits.queueTimeoutMs)
      call.signal.addEventListener('abort', giveUp)
      this.#queue.add(tenant, waiter)
    })
  }

  #fill(call: Call): Slot {
    const slot = { call, takenAt: performance.now() }
    this.#slots.add(slot)
    return slot
  }

  #admit(): void {
    while (this.#slots.size < this.#limits.max) {
      const waiter = this.#queue.next()
      if (!waiter) return
      waiter.admit()
    }
  }

  #refuse(call: Call, why: Refused): GatewayError {
    const { tenant } = call.caller
    const underWay = this.#slots.size
    const waiting = this.#queue.size
    call.trail.note('concurrency', `refused: ${REASONS[why]} (${underWay} under way, ${waiting} waiting)`)
    // Who holds the slots is asked only now: it costs a digest for each caller.
    const isAlone =
      waiting === this.#queue.sizeOf(tenant) &&
      [...this.#slots].every((slot) => slot.call.caller.tenant === tenant)
    const clearMs = (this.#heldMs() * (waiting + 1)) / this.#limits.max
    return refuse({ route: this.#route, isAlone, clearMs })
  }

  /** For how long slots are held: as a rule, or, before any was freed, by the oldest request so far. */
  #heldMs(): number {
    if (this.#meanHeldMs !== undefined) return this.#meanHeldMs
    const [oldest] = this.#slots
    return oldest ? performance.now() - oldest.takenAt : 0
  }
}
