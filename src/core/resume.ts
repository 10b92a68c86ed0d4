import type { ChatFormat } from './dialect.ts'
import type { GatewayError } from './error.ts'
import type { Provider, UpstreamReply } from './provider.ts'
import type { Finish } from './reply.ts'

/** A stream that broke off after its first content. */
export interface Broken {
  readonly error: GatewayError
  /** The whole text so far; there was nothing but text. */
  readonly text: string
  /** How the stream ends, all continuations included. */
  readonly finished: Promise<Finish>
}

/** A stream that goes on where another broke off. */
export interface Continuation {
  readonly provider: Provider
  readonly format: ChatFormat
  readonly upstream: UpstreamReply
  /** The target's name, for the mark in the stream. */
  readonly target: string
}

/** Finds somebody to continue; undefined when there is nobody, and the stream ends with its error. */
export type Resume = (broken: Broken) => Promise<Continuation | undefined>
