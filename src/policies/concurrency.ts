import type { Call } from '../core/call.ts'
import { asNumber } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { Layer, LayerPolicy, Next } from '../core/policy.ts'
import type { Reply } from '../core/reply.ts'
import { Gate, type Limits, type Slot } from './concurrency/gate.ts'

/** Bounds how many of a route's requests one worker serves at a time, and how many more may wait. */
export const concurrency: LayerPolicy = {
  name: 'concurrency',
  around: 'request',
  options: option.object({
    max: option.integer({
      description: 'How many requests of the route one worker serves at a time, each to its last byte.',
      minimum: 1,
    }),
    queue: option.optional(
      option.integer({
        description: 'How many more may wait for their turn. Callers take turns, whoever of them asks more.',
        minimum: 0,
        maximum: 100_000,
        default: 1000,
      }),
    ),
    queue_timeout: option.optional(
      option.duration({
        description: 'How long a request may wait before it is refused.',
        default: '5s',
      }),
    ),
  }),
  create(options, { route }): Layer | undefined {
    const max = asNumber(options?.['max'])
    if (max === undefined) return undefined
    const limits: Limits = {
      max,
      queue: asNumber(options?.['queue']) ?? 1000,
      queueTimeoutMs: asNumber(options?.['queue_timeout']) ?? 5000,
      version: ++versions,
    }
    return async (call, next) => {
      const gate = gateOf(route.name, limits)
      return hold({ gate, slot: gate.take(call) ?? (await gate.wait(call)) }, call, next)
    }
  },
}

interface Held {
  gate: Gate
  slot: Slot
}

/** The slot is held to the reply's last byte. */
async function hold({ gate, slot }: Held, call: Call, next: Next): Promise<Reply> {
  const free = (): void => gate.free(slot)
  try {
    const reply = await next(call)
    void reply.finished.then(free, free)
    return reply
  } catch (error) {
    free()
    throw error
  }
}

/** Beyond so many gates, those of routes that nobody uses are dropped. */
const MANY_GATES = 256

let versions = 0

/** By route: what is under way must be counted whichever configuration it began with. */
const gates = new Map<string, Gate>()

/** How many requests wait for their turn, by route. */
export function* queuedRequests(): Generator<readonly [string, number]> {
  for (const [route, gate] of gates) yield [route, gate.queued]
}

function gateOf(route: string, limits: Limits): Gate {
  const known = gates.get(route)
  if (known) {
    known.adopt(limits)
    return known
  }
  if (gates.size >= MANY_GATES) {
    for (const [name, gate] of gates) if (gate.isIdle) gates.delete(name)
  }
  const gate = new Gate(route, limits)
  gates.set(route, gate)
  return gate
}
