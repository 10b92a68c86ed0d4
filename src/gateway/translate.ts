import type { Frame, Framing, ReplyReader, ReplyWriter } from '../core/dialect.ts'
import type { GatewayError } from '../core/error.ts'
import { isContent, type ReplyEvent } from '../core/events.ts'
import { mergeUsage, type Usage } from '../core/usage.ts'
import type { Continuation } from '../core/resume.ts'
import { ResumableText } from './resumable-text.ts'
import type { StreamSetup, StreamTransform } from './open-stream.ts'
import { truncated } from './truncated.ts'
import { tokensOfBytes, writtenBytes } from './used.ts'

/** Provider's events -> canonical events -> client's events; one write for each run of complete events. */
export class TranslateTransform implements StreamTransform {
  hasContent = false
  failure: GatewayError | undefined
  usage: Usage | undefined
  model: string | undefined
  readonly finishReasons: string[] = []
  #writtenBytes = 0
  #framing: Framing
  #reader: ReplyReader
  /** Undefined where nobody would continue this stream. */
  readonly #resumable: ResumableText | undefined
  readonly #writer: ReplyWriter
  #complete = false

  constructor({
    request,
    format,
    provider,
    resume,
  }: Pick<StreamSetup, 'request' | 'format' | 'provider' | 'resume'>) {
    this.#resumable = resume && new ResumableText()
    this.#framing = format.framing
    this.#reader = format.reader(provider)
    this.#writer = request.writer()
  }

  events(bytes: Buffer): string {
    const events: ReplyEvent[] = []
    for (const frame of this.#framing.parse(bytes)) {
      for (const event of this.#read(frame)) events.push(event)
    }
    return this.#write(events)
  }

  end(rest: Buffer): string {
    const last =
      rest.length > 0 ? this.events(Buffer.concat([rest, Buffer.from(this.#framing.terminator)])) : ''
    const closing = this.#complete ? '' : this.#write(this.#joined(this.#reader.end?.() ?? []))
    if (!this.#complete) this.failure ??= truncated()
    return last + closing
  }

  isComplete(): boolean {
    return this.#complete
  }

  answerTokens(): number {
    return tokensOfBytes(this.#writtenBytes)
  }

  get resumableText(): string | undefined {
    return this.#resumable?.text
  }

  continueWith({ format, provider }: Pick<Continuation, 'format' | 'provider'>): void {
    this.#framing = format.framing
    this.#reader = format.reader(provider)
    this.failure = undefined
    this.#resumable?.breakOff()
  }

  #read(frame: Frame): readonly ReplyEvent[] {
    return this.#joined(this.#reader.frame(frame))
  }

  #joined(events: readonly ReplyEvent[]): readonly ReplyEvent[] {
    return this.#resumable ? this.#resumable.join(events) : events
  }

  #write(events: readonly ReplyEvent[]): string {
    const error = events.findIndex((event) => event.type === 'error')
    const sound = error === -1 ? events : events.slice(0, error)
    for (const event of sound) {
      if (event.type === 'usage') this.usage = mergeUsage(this.usage, event.usage)
      else if (event.type === 'candidate-end') this.finishReasons[event.candidate] = event.reason
      else if (event.type === 'reply-end') this.#complete = true
      else if (event.type === 'reply-start') this.model = event.model ?? this.model
      this.hasContent ||= isContent(event)
    }
    this.#writtenBytes += writtenBytes(sound)
    const failed = events[error]
    if (failed?.type === 'error') this.failure = failed.error
    return this.#writer.stream(sound)
  }
}
