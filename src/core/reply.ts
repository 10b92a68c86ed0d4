import type { ByteSource } from './bytes.ts'
import type { GatewayError } from './error.ts'
import type { Usage } from './usage.ts'

/**
 * What goes back up to the client. It exists once the first content is there, so until then a policy can still choose
 * another way; `finished` tells how it ended.
 */
export interface Reply {
  /** Without a content type: JSON, and server-sent events for a stream. */
  readonly body:
    | { type: 'whole'; text: string | Buffer; contentType?: string }
    | { type: 'stream'; source: ByteSource<Buffer | string>; contentType?: string }
  /** Of a raw reply: its own status; 200 otherwise. */
  readonly status?: number
  /** Of a raw reply: what may be shown of its headers. */
  readonly headers?: Readonly<Record<string, string>>
  /** Names of request fields the provider has no place for, or gets by emulation. */
  readonly dropped: readonly string[]
  readonly finished: Promise<Finish>
}

/** How a reply ended. It always resolves; a stream cut short has an `error`. */
export interface Finish {
  usage?: Usage
  /** Whether `usage` is counted by us, because the provider did not tell it to the end. */
  isEstimated?: boolean
  /** What the provider calls the model that answered. */
  model?: string
  /** Why it stopped, one for each candidate; absent where that was not read. */
  finishReasons?: readonly string[]
  error?: GatewayError
}
