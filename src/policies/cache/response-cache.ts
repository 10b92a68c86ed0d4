import type { Call } from '../../core/call.ts'
import type { Next } from '../../core/policy.ts'
import type { Reply } from '../../core/reply.ts'
import type { ByteStore } from '../../core/store.ts'
import { readCacheControl } from './cache-control.ts'
import { keyOf, type KeySetup } from './cache-key.ts'
import { decodeEntry, encodeEntry, type Entry } from './entry.ts'
import { Flight, type Landing } from './flight.ts'
import { RecordedSource } from './recorded-source.ts'
import { replay } from './replay.ts'

export interface ResponseCacheSetup {
  readonly store: ByteStore
  readonly key: KeySetup
  readonly ttlMs: number
  /** Larger answers are not kept. */
  readonly maxEntryBytes: number
}

/**
 * The answers of one route. Of equal requests at the same time one goes to the provider, and the others wait for its
 * whole answer. When its client leaves, the next one goes. When it fails, all go, each for itself: a failure is nobody
 * else's, and those who have waited do not queue up behind each other's failures.
 */
export class ResponseCache {
  readonly #setup: ResponseCacheSetup
  readonly #flights = new Map<string, Flight>()

  constructor(setup: ResponseCacheSetup) {
    this.#setup = setup
  }

  async run(call: Call, next: Next): Promise<Reply> {
    const { reads, stores, maxAgeMs } = readCacheControl(call.caller.header('cache-control'))
    const key = stores ? keyOf(call, this.#setup.key) : undefined
    if (key === undefined) {
      call.trail.cache = 'bypass'
      return next(call)
    }
    const asked = { key, call, next, maxAgeMs: Math.min(maxAgeMs, this.#setup.ttlMs) }
    return reads ? this.#serve(asked) : this.#fetch(asked)
  }

  async #serve(asked: AskedReply): Promise<Reply> {
    const { key, call, maxAgeMs } = asked
    for (;;) {
      const flight = this.#flights.get(key)
      if (!flight) return this.#lead(asked)
      const startedAt = performance.now()
      const landing = await flight.landing(call.signal)
      call.trail.waitedMs += performance.now() - startedAt
      if (landing === 'left') continue
      if (landing === 'nothing' || ageOf(landing) > maxAgeMs) return this.#fetch(asked)
      call.trail.note('cache', 'waited for the same request of another caller')
      return hit(call, landing)
    }
  }

  /** Looking is a part of the flight, so that no answer can arrive between a look and the decision to ask. */
  async #lead(asked: AskedReply): Promise<Reply> {
    const { key, call, maxAgeMs } = asked
    const flight = new Flight()
    this.#flights.set(key, flight)
    const land = (landing: Landing): void => {
      call.signal.removeEventListener('abort', leave)
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
      flight.land(landing)
    }
    const leave = (): void => land('left')
    call.signal.addEventListener('abort', leave)
    try {
      const bytes = await this.#setup.store.get(key)
      const entry = bytes && decodeEntry(bytes)
      if (!entry || ageOf(entry) > maxAgeMs) return await this.#fetch(asked, land)
      land(entry)
      call.trail.note('cache', `an answer of ${Math.floor(ageOf(entry) / 1000)} s ago`)
      return hit(call, entry)
    } catch (error) {
      land('nothing')
      throw error
    }
  }

  /** Asks the provider and keeps the answer. `land` is told how it went. */
  async #fetch({ key, call, next }: AskedReply, land: (landing: Landing) => void = ignore): Promise<Reply> {
    call.trail.cache = 'miss'
    const reply = await next(call)
    if ((reply.status ?? 200) !== 200) {
      land('nothing')
      return reply
    }
    const keep = (chunks: readonly Buffer[]): void => {
      void reply.finished.then(({ error }) => land(error ? 'nothing' : this.#keep(key, reply, chunks)))
    }
    const { body } = reply
    if (body.type === 'whole') {
      const bytes = typeof body.text === 'string' ? Buffer.from(body.text) : body.text
      if (bytes.length <= this.#setup.maxEntryBytes) keep([bytes])
      else land('nothing')
      return reply
    }
    const source = new RecordedSource(body.source, this.#setup.maxEntryBytes, (recording) => {
      if (typeof recording === 'string') land(recording)
      else keep(recording)
    })
    return { ...reply, body: { ...body, source } }
  }

  #keep(key: string, { body, dropped }: Reply, chunks: readonly Buffer[]): Entry {
    const { contentType } = body
    const entry: Entry = {
      storedAt: Date.now(),
      isStream: body.type === 'stream',
      ...(contentType === undefined ? {} : { contentType }),
      dropped,
      chunks,
    }
    void this.#setup.store.set(key, encodeEntry(entry), this.#setup.ttlMs)
    return entry
  }
}

interface AskedReply {
  readonly key: string
  readonly call: Call
  readonly next: Next
  readonly maxAgeMs: number
}

function ignore(): void {
  // Nobody waits.
}

/** In milliseconds; clocks of several machines may differ a little. */
function ageOf({ storedAt }: Entry): number {
  return Math.max(0, Date.now() - storedAt)
}

function hit(call: Call, entry: Entry): Reply {
  call.trail.cache = 'hit'
  return replay(entry)
}
