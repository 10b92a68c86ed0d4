import type { Said, SaidUsage } from '../expected/reply.ts'

/** One official SDK (or the Vercel AI SDK over one dialect), pointed at the gateway. */
export interface Client {
  readonly name: string
  /** The upstream format whose answers reach this client byte for byte. */
  readonly speaks: string
  /** What its dialect, or the SDK, cannot show. */
  readonly lacks: readonly (keyof Said | keyof SaidUsage)[]
  /** Statuses that its dialect does not have, and those that it has for them. */
  readonly statuses?: Readonly<Record<number, number>>
  /** Ask something of a route; what the answer says. Rejects with the SDK's own exception. */
  ask(question: Question): Promise<Said>
  /** The status and message of its exception; undefined for an error that is not the SDK's typed one. */
  failureOf(error: unknown): { status: number | undefined; message: string } | undefined
}

export interface Question {
  /** Where the gateway is. */
  url: string
  route: string
  stream: boolean
}

export const PROMPT = 'Say something.'
