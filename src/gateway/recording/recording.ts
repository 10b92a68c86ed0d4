import type { RecordedEnd } from '../../cassettes/cassette.ts'
import type { ByteSink, ByteSource } from '../../core/bytes.ts'
import type { GatewayError } from '../../core/error.ts'
import type { Attempt, Provider, UpstreamReply } from '../../core/provider.ts'
import type { CassetteWriter } from './cassette-writer.ts'
import { writeCassette, type SeenChunk } from './write-cassette.ts'

interface RecordingSetup {
  readonly route: string
  readonly target: string
  readonly provider: Provider
  readonly writer: CassetteWriter
  readonly maxBytes: number
}

/**
 * One exchange while it is going on: the answer goes through to its reader as it comes, and its chunks are kept by
 * reference. Nothing is read or copied before the last byte has gone.
 */
export class Recording implements ByteSource, ByteSink {
  readonly #setup: RecordingSetup
  readonly #attempt: Attempt
  readonly #recordedAt = new Date()
  readonly #startedAt = performance.now()
  #body: Buffer | string | undefined
  #reply: UpstreamReply | undefined
  #sink: ByteSink | undefined
  #headMs: number | undefined
  #firstByteMs: number | undefined
  #chunks: SeenChunk[] = []
  /** Of this exchange, whatever was kept. */
  #bytes = 0
  #heldBytes = 0
  #state: 'recording' | 'too-large' | 'dropped' | 'over' = 'recording'

  constructor(attempt: Attempt, setup: RecordingSetup) {
    this.#attempt = attempt
    this.#setup = setup
    if (this.#fits(Buffer.byteLength(attempt.body))) this.#body = attempt.body
  }

  /** The reply, which is recorded while it is read. */
  tee(reply: UpstreamReply): UpstreamReply {
    this.#headMs = this.#elapsed()
    this.#reply = reply
    return { ...reply, body: this }
  }

  /** There is no reply. */
  fail(error: GatewayError): void {
    this.#finish(failed(error))
  }

  // The reader's side.

  flow(sink: ByteSink): void {
    this.#sink = sink
    this.#reply?.body.flow(this)
  }

  pause(): void {
    this.#reply?.body.pause()
  }

  resume(): void {
    this.#reply?.body.resume()
  }

  cancel(): void {
    this.#reply?.body.cancel()
    this.#finish({ how: 'canceled' })
  }

  // The provider's side.

  data(bytes: Buffer): void {
    if (this.#state === 'recording') {
      const ms = this.#elapsed()
      this.#firstByteMs ??= ms
      if (this.#fits(bytes.length)) this.#chunks.push({ ms, bytes })
    }
    this.#sink?.data(bytes)
  }

  end(): void {
    this.#sink?.end()
    this.#finish({ how: 'complete' })
  }

  error(error: GatewayError): void {
    this.#sink?.error(error)
    this.#finish(failed(error))
  }

  /** Whether so many bytes more are kept; if not, none of the answer's are. */
  #fits(bytes: number): boolean {
    this.#bytes += bytes
    const isTooLarge = this.#bytes > this.#setup.maxBytes
    if (!isTooLarge && this.#setup.writer.hold(bytes)) {
      this.#heldBytes += bytes
      return true
    }
    this.#state = isTooLarge ? 'too-large' : 'dropped'
    this.#chunks = []
    this.#release(this.#body === undefined ? 0 : Buffer.byteLength(this.#body))
    return false
  }

  /** No more than so many bytes are held any longer. */
  #release(left: number): void {
    this.#setup.writer.release(this.#heldBytes - left)
    this.#heldBytes = left
  }

  #finish(ended: RecordedEnd): void {
    const { writer, route, target, provider } = this.#setup
    const state = this.#state
    if (state === 'over') return
    this.#state = 'over'
    if (state === 'dropped') {
      this.#release(0)
      writer.drop()
      return
    }
    const { format, stream, contentType, headers } = this.#attempt
    const seen = {
      route,
      target,
      provider,
      recordedAt: this.#recordedAt,
      attempt: {
        format,
        stream,
        ...(contentType !== undefined && { contentType }),
        ...(headers && { headers }),
      },
      body: this.#body,
      reply: this.#reply,
      chunks: this.#chunks,
      isTruncated: state === 'too-large',
      ended,
      ms: {
        ...(this.#headMs !== undefined && { head: this.#headMs }),
        ...(this.#firstByteMs !== undefined && { firstByte: this.#firstByteMs }),
        total: this.#elapsed(),
      },
    }
    writer.add({
      recordedAt: this.#recordedAt,
      target,
      heldBytes: this.#heldBytes,
      write: () => writeCassette(seen),
    })
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt
  }
}

function failed({ kind, status, message }: GatewayError): RecordedEnd {
  // The other side of a canceled request did not fail.
  return kind === 'canceled' ? { how: 'canceled' } : { how: 'failed', kind, status, message }
}
