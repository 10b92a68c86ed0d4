import type { ChatFormat, ReplyReader, StreamFilter, TargetModel } from '../core/dialect.ts'
import type { GatewayError } from '../core/error.ts'
import { isContent, type ReplyEvent } from '../core/events.ts'
import { mergeUsage, type Usage } from '../core/usage.ts'
import { parseFrames, splitFrames } from '../wire/sse.ts'
import type { StreamSetup, StreamTransform } from './open-stream.ts'
import { truncated } from './truncated.ts'
import { tokensOfBytes, writtenBytes } from './used.ts'

/** The end of a stream, with its finish reason and usage, is found in this many of its last bytes. */
const TAIL_BYTES = 8192

const ERROR = Buffer.from('"error"')
const NOTHING = Buffer.alloc(0)

/**
 * The provider's events as they came. Until the first content each event is read; from then on only the words that
 * could matter are looked for, and the last few events are kept to read the usage and the end marker from.
 */
export class PassThroughTransform implements StreamTransform {
  hasContent = false
  failure: GatewayError | undefined
  usage: Usage | undefined
  model: string | undefined
  readonly finishReasons: string[] = []
  readonly #format: ChatFormat
  readonly #target: TargetModel
  readonly #filter: StreamFilter | undefined
  /** Reads the head and the tail, and sees nothing of what is between. */
  readonly #reader: ReplyReader
  #isComplete = false
  #tail: Buffer[] = []
  #tailBytes = 0
  /** Of what the model wrote, in the events that were read; of events that were not read, all. */
  #writtenBytes = 0
  #unreadBytes = 0
  /** How much of the events that were read last the model wrote. */
  #writtenShare = 0

  constructor({ request, format, provider }: Pick<StreamSetup, 'request' | 'format' | 'provider'>) {
    this.#format = format
    this.#target = provider
    this.#filter = request.filter?.()
    this.#reader = format.reader(provider)
  }

  events(bytes: Buffer): Buffer | string {
    const sound = this.hasContent ? this.#passOn(bytes) : this.#readHead(bytes)
    return this.#filter && sound.length > 0 ? this.#filter.events(sound) : sound
  }

  end(rest: Buffer): Buffer | string {
    const closing = Buffer.from(this.#format.framing.terminator)
    const last = rest.length > 0 ? this.events(Buffer.concat([rest, closing])) : NOTHING
    if (this.failure) return last
    if (!this.isComplete()) {
      this.failure = truncated()
      return last
    }
    const owed = this.#filter?.end?.()
    return owed ? last.toString() + owed : last
  }

  /** Read the events up to the first content. Gives the bytes before an error among them. */
  #readHead(bytes: Buffer): Buffer {
    return this.#inspect(bytes, this.#reader)
  }

  #passOn(bytes: Buffer): Buffer {
    this.#keep(bytes)
    // A reader of its own: this one has not seen what came before.
    return bytes.includes(ERROR) ? this.#inspect(bytes, this.#format.reader(this.#target)) : bytes
  }

  #inspect(bytes: Buffer, reader: ReplyReader): Buffer {
    let sound = ''
    for (const text of splitFrames(bytes)) {
      for (const frame of parseFrames(text)) {
        const error = this.#see(reader.frame(frame), reader)
        if (!error) continue
        this.failure = error
        return Buffer.from(sound)
      }
      sound += text
    }
    return bytes
  }

  /** Gives the error among these events. Only what the head's and tail's reader says counts for the rest. */
  #see(events: readonly ReplyEvent[], reader: ReplyReader): GatewayError | undefined {
    if (reader === this.#reader) this.#writtenBytes += writtenBytes(events)
    for (const event of events) {
      if (event.type === 'error') return event.error
      if (reader !== this.#reader) continue
      if (event.type === 'reply-start') this.model = event.model ?? this.model
      this.hasContent ||= isContent(event)
      if (event.type === 'usage') this.usage = mergeUsage(this.usage, event.usage)
      else if (event.type === 'candidate-end') this.finishReasons[event.candidate] = event.reason
      else if (event.type === 'reply-end') this.#isComplete = true
    }
    return undefined
  }

  /** Reads the last events, which are then forgotten. */
  isComplete(): boolean {
    const last = this.#lastEvents()
    const before = this.#writtenBytes
    for (const frame of parseFrames(last.toString('utf8'))) {
      this.#see(this.#reader.frame(frame), this.#reader)
    }
    if (last.length > 0) this.#writtenShare = (this.#writtenBytes - before) / last.length
    this.#tail = []
    this.#tailBytes = 0
    if (!this.#isComplete) this.#see(this.#reader.end?.() ?? [], this.#reader)
    return this.#isComplete
  }

  /** What the model wrote in events that nobody read is taken to be as much of them as of the last ones. */
  answerTokens(): number {
    try {
      this.isComplete()
    } catch {
      // What came last makes no sense: what came before counts.
    }
    return tokensOfBytes(this.#writtenBytes + this.#unreadBytes * this.#writtenShare)
  }

  #keep(bytes: Buffer): void {
    this.#tail.push(bytes)
    this.#tailBytes += bytes.length
    for (;;) {
      const [oldest] = this.#tail
      if (!oldest || this.#tailBytes - oldest.length < TAIL_BYTES) return
      this.#tail.shift()
      this.#tailBytes -= oldest.length
      this.#unreadBytes += oldest.length
    }
  }

  /** The kept events from a boundary on: what is cut in front is cut whole, and the last event never is. */
  #lastEvents(): Buffer {
    const bytes = Buffer.concat(this.#tail)
    if (bytes.length <= 2 * TAIL_BYTES) return bytes
    const boundary = bytes.lastIndexOf('\n\n', bytes.length - 2 * TAIL_BYTES)
    if (boundary === -1) return bytes
    this.#unreadBytes += boundary + 2
    return bytes.subarray(boundary + 2)
  }
}
