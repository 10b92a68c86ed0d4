import { bytesOf, type RecordedChunk } from '../../cassettes/cassette.ts'
import type { GatewayError } from '../../core/error.ts'
import type { TimedChunk } from '../timed-source.ts'

interface Recorded {
  readonly chunks: readonly RecordedChunk[]
  /** When the head was there, as the chunks count it; undefined to deliver as fast as the sink takes them. */
  readonly headMs: number | undefined
  /** What the answer ends with, when that is not its end. */
  readonly failure: GatewayError | undefined
}

/** The bytes of a recording, each as long after the one before as it came. */
export function* recordedChunks({
  chunks,
  headMs,
  failure,
}: Recorded): Generator<TimedChunk, GatewayError | undefined> {
  let before = headMs ?? 0
  for (const chunk of chunks) {
    const at = headMs === undefined ? before : Math.max(chunk.ms, before)
    yield { bytes: bytesOf(chunk), afterMs: at - before }
    before = at
  }
  return failure
}
