import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeCall } from '../../../test/support/call.ts'
import type { Call } from '../../core/call.ts'
import { Caller } from '../../core/caller.ts'
import { Cancellation } from '../../core/cancel.ts'
import { GatewayError } from '../../core/error.ts'
import { Trail } from '../../core/trail.ts'
import { Gate, type Limits, type Slot } from './gate.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const TEMPLATE = makeCall('{"messages":[{"role":"user","content":"hi"}]}')
const gone = new GatewayError('gone', { kind: 'canceled', status: 499 })

/** One request at the gate. */
class Visit {
  readonly name: string
  readonly call: Call & { signal: Cancellation }
  slot: Slot | undefined
  error: unknown
  readonly done: Promise<void>

  constructor(gate: Gate, name: string, granted: (visit: Visit) => void) {
    this.name = name
    const head = { headers: { authorization: name }, search: new URLSearchParams() }
    this.call = { ...TEMPLATE, signal: new Cancellation(), caller: new Caller(head), trail: new Trail() }
    this.slot = gate.take(this.call)
    this.done = this.slot ? Promise.resolve() : this.#wait(gate, granted)
  }

  get isWaiting(): boolean {
    return this.slot === undefined && this.error === undefined
  }

  async #wait(gate: Gate, granted: (visit: Visit) => void): Promise<void> {
    try {
      this.slot = await gate.wait(this.call)
      granted(this)
    } catch (error) {
      this.error = error
    }
  }
}

/** What may happen at a gate. The numbers choose among what is there, whatever that is. */
type Step =
  | { type: 'come'; tenant: number }
  | { type: 'end'; which: number }
  | { type: 'leave'; which: number }
  | { type: 'pass'; ms: number }
  | { type: 'reload'; max: number; queue: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('come'), tenant: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('end'), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('leave'), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pass'), ms: fc.nat(600) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('reload'),
      max: fc.integer({ min: 1, max: 4 }),
      queue: fc.nat(6),
    }),
  },
)

/** A gate, and all who came to it. */
class World {
  limits: Limits = { max: 2, queue: 4, queueTimeoutMs: 1000, version: 1 }
  readonly gate: Gate = new Gate('r', this.limits)
  readonly visits: Visit[] = []
  /** Under way and not ended. */
  readonly inside = new Set<Visit>()
  /** How often one tenant was served while another waited: `waiting served`. */
  readonly overtaken = new Map<string, number>()
  /** Which of the gate's promises it did not keep. */
  readonly broken = new Set<string>()

  async do(step: Step): Promise<void> {
    const before = this.inside.size
    switch (step.type) {
      case 'come':
        this.#come(`tenant ${step.tenant}`)
        break
      case 'end':
        this.#end(pick([...this.inside], step.which))
        break
      case 'leave':
        pick(this.waiting(), step.which)?.call.signal.abort(gone)
        break
      case 'pass':
        await vi.advanceTimersByTimeAsync(step.ms)
        break
      case 'reload':
        this.limits = { ...this.limits, max: step.max, queue: step.queue, version: this.limits.version + 1 }
        this.gate.adopt(this.limits)
    }
    await vi.advanceTimersByTimeAsync(0)
    this.#check(before)
  }

  waiting(): Visit[] {
    return this.visits.filter((visit) => visit.isWaiting)
  }

  async endAll(): Promise<void> {
    while (this.inside.size > 0) await this.do({ type: 'end', which: 0 })
    await Promise.all(this.visits.map((visit) => visit.done))
  }

  #check(before: number): void {
    const [inside, waiting] = [this.inside.size, this.waiting().length]
    if (inside > Math.max(this.limits.max, before)) this.broken.add('more are inside than may be')
    if (waiting > 0 && inside < this.limits.max) this.broken.add('one waits beside a free place')
    if (Math.max(0, ...this.overtaken.values()) > 1) this.broken.add('one was overtaken twice')
  }

  #come(name: string): void {
    const visit = new Visit(this.gate, name, (granted) => this.#granted(granted))
    this.visits.push(visit)
    if (visit.slot) this.inside.add(visit)
  }

  #granted(visit: Visit): void {
    this.inside.add(visit)
    const waiting = new Set(this.waiting().map(({ name }) => name))
    for (const name of waiting) {
      const pair = `${name} ${visit.name}`
      if (name !== visit.name) this.overtaken.set(pair, (this.overtaken.get(pair) ?? 0) + 1)
    }
    // A tenant that was served, or has nothing left that waits, is not overtaken any more.
    for (const pair of this.overtaken.keys()) {
      const isStillOvertaken = [...waiting].some((name) => name !== visit.name && pair.startsWith(`${name} `))
      if (!isStillOvertaken) this.overtaken.delete(pair)
    }
  }

  #end(visit: Visit | undefined): void {
    if (!visit?.slot) return
    this.inside.delete(visit)
    this.gate.free(visit.slot)
  }
}

function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % items.length]
}

test('whatever happens, a gate is never too full, forgets nobody and lets nobody overtake twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const world = new World()
      for (const next of steps) await world.do(next)
      await world.endAll()
      expect([...world.broken]).toEqual([])
      expect(world.visits.filter((visit) => visit.isWaiting)).toEqual([])
      expect(world.gate.isIdle).toBe(true)
      expect(vi.getTimerCount()).toBe(0)
    }),
    { numRuns: 60, seed: 4 },
  )
})
