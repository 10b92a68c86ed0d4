import type { ByteSink, ByteSource } from '../../core/bytes.ts'
import { GatewayError } from '../../core/error.ts'
import type { Finish, Reply } from '../../core/reply.ts'
import type { Entry } from './entry.ts'

/** A kept answer once more. It reports no usage: no tokens were spent on it. */
export function replay({ isStream, contentType, dropped, chunks, storedAt }: Entry): Reply {
  const type = contentType === undefined ? {} : { contentType }
  const headers = { age: String(Math.max(0, Math.floor((Date.now() - storedAt) / 1000))) }
  if (isStream) {
    const source = new ReplaySource(chunks)
    return { body: { type: 'stream', source, ...type }, headers, dropped, finished: source.finished }
  }
  const [first = Buffer.alloc(0), ...rest] = chunks
  const text = rest.length === 0 ? first : Buffer.concat(chunks)
  return { body: { type: 'whole', text, ...type }, headers, dropped, finished: Promise.resolve({}) }
}

/** Bytes that are all there, given as fast as they are taken. */
export class ReplaySource implements ByteSource {
  readonly finished: Promise<Finish>
  readonly #chunks: readonly Buffer[]
  #finish: (finish: Finish) => void = () => undefined
  #sink: ByteSink | undefined
  #given = 0
  #isPaused = false
  #isGiving = false
  #isOver = false

  constructor(chunks: readonly Buffer[]) {
    this.#chunks = chunks
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  flow(sink: ByteSink): void {
    this.#sink = sink
    this.#give()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#give()
  }

  cancel(): void {
    const error = new GatewayError('The client left before the end.', { kind: 'canceled', status: 499 })
    this.#close(this.#given < this.#chunks.length ? { error } : {})
  }

  #give(): void {
    // A sink may resume while it is given a chunk.
    if (!this.#sink || this.#isGiving) return
    this.#isGiving = true
    while (!this.#isOver && !this.#isPaused) {
      const chunk = this.#chunks[this.#given]
      if (!chunk) {
        this.#close({})
        this.#sink.end()
        break
      }
      this.#given++
      this.#sink.data(chunk)
    }
    this.#isGiving = false
  }

  #close(finish: Finish): void {
    this.#isOver = true
    this.#finish(finish)
  }
}
