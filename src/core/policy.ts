import type { OptionsSchema } from './options.ts'
import type { Call } from './call.ts'
import type { Reply } from './reply.ts'

/** One concern around every request or around every attempt: its options in, a layer out. */
export interface Policy {
  readonly name: string
  readonly around: 'request' | 'attempt'
  /** The keys of the policy's own mapping in the configuration; every property has a `description`. */
  readonly options: OptionsSchema
  /** The values are checked against `options`; durations are milliseconds. */
  create(options: PolicyOptions): Layer
}

export type PolicyOptions = Readonly<Record<string, unknown>>

/** What a policy does to a call. It may change the call on the way down and the reply on the way up. */
export type Layer = (call: Call, next: Next) => Promise<Reply>
export type Next = (call: Call) => Promise<Reply>
