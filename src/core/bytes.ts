import type { GatewayError } from './error.ts'

/**
 * Bytes that arrive by and by. No promise per chunk: the source calls the sink, and the sink holds it back with
 * `pause`. Nothing is delivered before `flow`, nothing after `cancel`.
 */
export interface ByteSource<Chunk = Buffer> {
  flow(sink: ByteSink<Chunk>): void
  pause(): void
  resume(): void
  /** Stop at once and free the connection. */
  cancel(): void
}

/** Where bytes go. Exactly one of `end` and `error` is called, once, after the last `data`. */
export interface ByteSink<Chunk = Buffer> {
  data(chunk: Chunk): void
  end(): void
  error(error: GatewayError): void
}
