import type { ByteSink, ByteSource } from '../core/bytes.ts'
import type { UpstreamFormat } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { UpstreamReply } from '../core/provider.ts'
import type { Finish, Reply } from '../core/reply.ts'
import type { Usage } from '../core/usage.ts'

/** The usage of an answer stands in this many of its last bytes. */
const TAIL_BYTES = 64 * 1024

/** An answer of any content type as it comes. Its usage is read on the side where the format knows how. */
export function forwardReply(
  format: UpstreamFormat | undefined,
  { body, contentType }: UpstreamReply,
): Pick<Reply, 'body' | 'finished'> {
  const usageOf =
    format && 'usage' in format ? (tail: Buffer): Usage | undefined => format.usage(tail) : undefined
  const source = new ForwardedSource(body, /json|event-stream/i.test(contentType) ? usageOf : undefined)
  return { body: { type: 'stream', source, contentType }, finished: source.finished }
}

class ForwardedSource implements ByteSource {
  readonly finished: Promise<Finish>
  readonly #body: ByteSource
  readonly #usageOf: ((tail: Buffer) => Usage | undefined) | undefined
  #tail: Buffer[] = []
  #tailBytes = 0
  #finish: (finish: Finish) => void = () => undefined

  constructor(body: ByteSource, usageOf: ((tail: Buffer) => Usage | undefined) | undefined) {
    this.#body = body
    this.#usageOf = usageOf
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  flow(sink: ByteSink): void {
    this.#body.flow({
      data: (chunk) => {
        if (this.#usageOf) this.#keep(chunk)
        sink.data(chunk)
      },
      end: () => {
        const usage = this.#usageOf?.(Buffer.concat(this.#tail).subarray(-TAIL_BYTES))
        this.#finish(usage ? { usage } : {})
        sink.end()
      },
      error: (error) => {
        this.#finish({ error })
        sink.error(error)
      },
    })
  }

  pause(): void {
    this.#body.pause()
  }

  resume(): void {
    this.#body.resume()
  }

  cancel(): void {
    this.#finish({
      error: new GatewayError('The client left before the end.', { kind: 'canceled', status: 499 }),
    })
    this.#body.cancel()
  }
  #keep(chunk: Buffer): void {
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    for (;;) {
      const [oldest] = this.#tail
      if (!oldest || this.#tailBytes - oldest.length < TAIL_BYTES) return
      this.#tail.shift()
      this.#tailBytes -= oldest.length
    }
  }
}
