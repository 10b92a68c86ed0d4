import type { ByteSink, ByteSource } from '../../core/bytes.ts'
import { GatewayError } from '../../core/error.ts'

/** A stream of the SDK's parts as server-sent events, one JSON text each. */
export class PartSource implements ByteSource {
  readonly #reader: ReadableStreamDefaultReader<unknown>
  readonly #write: (part: unknown) => string
  #sink: ByteSink | undefined
  #isPaused = false
  #isReading = false
  #isOver = false

  constructor(stream: ReadableStream<unknown>, write: (part: unknown) => string) {
    this.#reader = stream.getReader()
    this.#write = write
  }

  flow(sink: ByteSink): void {
    this.#sink = sink
    void this.#read()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    void this.#read()
  }

  cancel(): void {
    if (this.#isOver) return
    this.#isOver = true
    // A stream that fails while it is given up has nobody left to tell.
    this.#reader.cancel().catch(() => undefined)
  }

  async #read(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (!this.#isPaused && !this.#isOver) {
        const { done, value } = await this.#reader.read()
        // It may have been canceled while it waited.
        if (this.#isOver) return
        if (done) {
          this.#isOver = true
          this.#sink?.end()
        } else this.#sink?.data(Buffer.from(`data: ${this.#write(value)}\n\n`))
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#isReading = false
    }
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    const reason =
      cause instanceof GatewayError
        ? cause
        : new GatewayError("The provider's stream broke off.", { kind: 'truncated', status: 502, cause })
    this.#sink?.error(reason)
  }
}
