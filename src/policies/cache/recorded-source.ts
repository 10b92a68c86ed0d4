import type { ByteSink, ByteSource } from '../../core/bytes.ts'
import type { GatewayError } from '../../core/error.ts'

/**
 * What was recorded of a stream: all of it; or not, because the client left, or because it broke off or is too large.
 */
export type Recording = readonly Buffer[] | 'left' | 'nothing'

/**
 * A stream on its way to a client, with a copy kept. As long as the copy has room the provider is read without regard to
 * the client: others may wait for the same answer, and none of them for a client that reads slowly.
 */
export class RecordedSource implements ByteSource<Buffer | string>, ByteSink<Buffer | string> {
  readonly #source: ByteSource<Buffer | string>
  readonly #maxBytes: number
  readonly #done: (recording: Recording) => void
  /** Undefined once the copy is given up. */
  #copy: Buffer[] | undefined = []
  #copyBytes = 0
  #sink: ByteSink<Buffer | string> | undefined
  /** What the client is still to get, when it has told to wait. */
  #waiting: (Buffer | string)[] = []
  #isPaused = false
  #isSourcePaused = false
  #isDraining = false
  /** How the provider's stream ended, to be told after the last bytes. */
  #close: ((sink: ByteSink<Buffer | string>) => void) | undefined

  /** `done` is called once: when the stream has ended, or is known not to be kept. */
  constructor(source: ByteSource<Buffer | string>, maxBytes: number, done: (recording: Recording) => void) {
    this.#source = source
    this.#maxBytes = maxBytes
    this.#done = done
  }

  // The provider's side.

  data(chunk: Buffer | string): void {
    this.#record(chunk)
    if (this.#isPaused || this.#waiting.length > 0) this.#waiting.push(chunk)
    else this.#sink?.data(chunk)
    this.#holdBack()
  }

  end(): void {
    this.#close = (sink): void => sink.end()
    if (this.#copy) this.#done(this.#copy)
    this.#copy = undefined
    this.#drain()
  }

  error(error: GatewayError): void {
    this.#close = (sink): void => sink.error(error)
    this.#giveUp('nothing')
    this.#drain()
  }

  // The client's side.

  flow(sink: ByteSink<Buffer | string>): void {
    this.#sink = sink
    this.#source.flow(this)
  }

  pause(): void {
    this.#isPaused = true
    this.#holdBack()
  }

  resume(): void {
    this.#isPaused = false
    this.#drain()
    if (this.#isPaused || !this.#isSourcePaused) return
    this.#isSourcePaused = false
    this.#source.resume()
  }

  cancel(): void {
    this.#sink = undefined
    this.#waiting = []
    this.#giveUp('left')
    this.#source.cancel()
  }

  #record(chunk: Buffer | string): void {
    if (!this.#copy) return
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    this.#copyBytes += bytes.length
    if (this.#copyBytes > this.#maxBytes) this.#giveUp('nothing')
    else this.#copy.push(bytes)
  }

  #giveUp(why: 'left' | 'nothing'): void {
    if (!this.#copy) return
    this.#copy = undefined
    this.#done(why)
  }

  /** Without a copy to fill, the client's pace is the provider's. */
  #holdBack(): void {
    if (!this.#isPaused || this.#copy || this.#close || this.#isSourcePaused) return
    this.#isSourcePaused = true
    this.#source.pause()
  }

  #drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    let given = 0
    while (!this.#isPaused && given < this.#waiting.length) {
      const chunk = this.#waiting[given++]
      if (chunk !== undefined) this.#sink?.data(chunk)
    }
    this.#waiting = this.#waiting.slice(given)
    this.#isDraining = false
    if (this.#isPaused || !this.#close || this.#waiting.length > 0) return
    const sink = this.#sink
    this.#sink = undefined
    if (sink) this.#close(sink)
  }
}
