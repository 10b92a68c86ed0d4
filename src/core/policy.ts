import type { Call } from './call.ts'
import type { OptionsSchema } from './options.ts'
import type { PlanSettings } from './plan-settings.ts'
import type { Counters } from './counters.ts'
import type { Finish, Reply } from './reply.ts'
import type { RouteInfo } from './route.ts'
import type { ByteStores } from './store.ts'

/** One concern of a route: what it can be told in the configuration, and what it does. */
export type Policy = LayerPolicy | PlanPolicy

interface AnyPolicy {
  /** Its key in a route and in `defaults`. */
  readonly name: string
  /** The keys of the policy's own mapping in the configuration; every property has a `description`. */
  readonly options: OptionsSchema
}

/** A policy that wraps calls. */
export interface LayerPolicy extends AnyPolicy {
  readonly around: 'request' | 'attempt'
  /**
   * The values are checked against `options`; durations are milliseconds. `options` is undefined when neither the route
   * nor `defaults` names the policy. Undefined: there is nothing to do, and a call does not pass through at all.
   */
  create(options: PolicyOptions | undefined, tools: PolicyTools): Layer | undefined
}

/** A policy about which target is tried when: it says something to the one loop that tries them. */
export interface PlanPolicy extends AnyPolicy {
  readonly around: 'plan'
  /** As for `create`. */
  read(options: PolicyOptions | undefined): Partial<PlanSettings>
}

export type PolicyOptions = Readonly<Record<string, unknown>>

/** What a policy may use of its surroundings. */
export interface PolicyTools {
  readonly route: RouteInfo
  /** Runs another route of the same configuration, with its own policies. Only for calls, not while building. */
  run(route: string, call: Call): Promise<Reply>
  /** They hold across the workers of a gateway. */
  readonly counters: Counters
  readonly stores: ByteStores
  /** A text that changes when the routes are configured otherwise: what was answered before must not be given after. */
  readonly fingerprint: string
  /** The request headers that the conditions of the route's targets look at, in lower case. */
  readonly decidingHeaders: readonly string[]
  /** Remembers a call that no client asked for, as each of a client's is remembered. */
  recordUnseen(ended: UnseenCall): void
}

/** How a call went whose reply no client saw. Times from its beginning. */
export interface UnseenCall {
  readonly call: Call
  /** The route that ran it. */
  readonly route: string
  readonly firstByteMs: number
  readonly durationMs: number
  /** As in `Reply`. */
  readonly dropped: readonly string[]
  readonly finish: Finish
}

/** What a policy does to a call. It may change the call on the way down and the reply on the way up. */
export type Layer = (call: Call, next: Next) => Promise<Reply>
export type Next = (call: Call) => Promise<Reply>
