import type { ByteSink, ByteSource } from '../core/bytes.ts'
import type { ChatClientRequest, ChatFormat, FrameSplitter } from '../core/dialect.ts'
import { GatewayError, toGatewayError } from '../core/error.ts'
import type { Provider, UpstreamReply } from '../core/provider.ts'
import type { Finish } from '../core/reply.ts'
import type { Broken, Continuation, Resume } from '../core/resume.ts'
import { presentable } from './failure.ts'
import { PassThroughTransform } from './pass-through.ts'
import { TranslateTransform } from './translate.ts'
import { usedBy } from './used.ts'

/** What becomes of a provider's events on their way to the client. */
export interface StreamTransform {
  /** Complete events in, the client's bytes out: all that came before a failure. */
  events(bytes: Buffer): Buffer | string
  /** The provider's last bytes have come: what the client is still owed. An end that is no proper one is a failure. */
  end(rest: Buffer): Buffer | string
  /** Whether the events so far held something the user asked for. */
  readonly hasContent: boolean
  /** Whether the events so far are a complete answer. */
  isComplete(): boolean
  readonly usage: Finish['usage']
  /** As the provider names it. */
  readonly model: string | undefined
  /** Why the model stopped, as far as it has. */
  readonly finishReasons: readonly string[]
  /** About how many tokens the model has written so far. */
  answerTokens(): number
  /** An error that the provider sent as an event, or an end that came too early. */
  readonly failure: GatewayError | undefined
  /** The whole text so far, when somebody else could continue it: nothing else was begun. */
  readonly resumableText?: string | undefined
  /** What comes next is another provider's. */
  continueWith?(continuation: Pick<Continuation, 'format' | 'provider'>): void
}

export interface StreamSetup {
  request: ChatClientRequest
  provider: Provider
  format: ChatFormat
  upstream: UpstreamReply
  /** About how many tokens the request has, for when the provider does not tell. */
  promptTokens(): number
  /** Absent: a stream that breaks off ends with its error. */
  resume?: Resume
}

export interface OpenStream {
  source: ByteSource<Buffer | string>
  finished: Promise<Finish>
}

/**
 * Open a provider's event stream for the client. Resolves when the first content is there; rejects when the stream
 * fails before, so that the client gets a plain error, or another provider a chance.
 */
export function openStream(setup: StreamSetup): Promise<OpenStream> {
  return new ReplyStream(setup).open()
}

class ReplyStream implements ByteSource<Buffer | string>, ByteSink {
  readonly #setup: StreamSetup
  #splitter: FrameSplitter
  #upstream: UpstreamReply
  /** Between a stream that broke off and its continuation nothing is expected of a provider. */
  #isBetween = false
  readonly #transform: StreamTransform
  readonly #finished: Promise<Finish>
  #finish: (finish: Finish) => void = () => undefined
  #opened: { resolve(stream: OpenStream): void; reject(error: GatewayError): void } | undefined
  /** Bytes for the client while there is none to take them. */
  #waiting: (Buffer | string)[] = []
  #sink: ByteSink<Buffer | string> | undefined
  #ended = false

  constructor(setup: StreamSetup) {
    this.#setup = setup
    const { request, format, resume } = setup
    this.#upstream = setup.upstream
    this.#splitter = format.framing.splitter()
    this.#transform =
      request.repliesAs.stream === format.name && !resume
        ? new PassThroughTransform(setup)
        : new TranslateTransform(setup)
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  open(): Promise<OpenStream> {
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject }
      this.#setup.upstream.body.flow(this)
    })
  }

  // The provider's side.

  data(chunk: Buffer): void {
    if (this.#ended || this.#isBetween) return
    try {
      const complete = this.#splitter.push(chunk)
      if (complete) this.#emit(this.#transform.events(complete))
      if (this.#transform.failure && !this.#ended) throw this.#transform.failure
    } catch (error) {
      this.#upstream.body.cancel()
      this.#fail(error)
    }
  }

  end(): void {
    if (this.#ended || this.#isBetween) return
    try {
      this.#emit(this.#transform.end(this.#splitter.rest()))
      // The client may have left while it was sent these bytes.
      if (this.#ended) return
      if (this.#transform.failure) throw this.#transform.failure
      this.#close()
    } catch (error) {
      this.#fail(error)
    }
  }

  error(error: GatewayError): void {
    if (!this.#ended && !this.#isBetween) this.#fail(error)
  }

  // The client's side.

  flow(sink: ByteSink<Buffer | string>): void {
    this.#sink = sink
    for (const bytes of this.#waiting) sink.data(bytes)
    this.#waiting = []
    if (this.#ended) sink.end()
  }

  pause(): void {
    this.#upstream.body.pause()
  }

  resume(): void {
    this.#upstream.body.resume()
  }

  cancel(): void {
    if (this.#ended) return
    this.#ended = true
    this.#upstream.body.cancel()
    this.#leave(new GatewayError('The client left before the end.', { kind: 'canceled', status: 499 }))
  }

  #emit(bytes: Buffer | string): void {
    if (bytes.length > 0) {
      if (this.#sink) this.#sink.data(bytes)
      else this.#waiting.push(bytes)
    }
    if (this.#opened && this.#transform.hasContent) this.#commit()
  }

  #commit(): void {
    this.#opened?.resolve({ source: this, finished: this.#finished })
    this.#opened = undefined
  }

  /** Before the first content a failure is the caller's to handle; after it, the stream says so itself. */
  #fail(thrown: unknown): void {
    const error = this.#presentable(thrown)
    const text = this.#transform.resumableText
    const { resume } = this.#setup
    if (resume && text !== undefined && !this.#opened && error.retryable) {
      void this.#resumeBy(resume, { error, text, finished: this.#finished })
      return
    }
    this.#end(error)
  }

  async #resumeBy(resume: Resume, broken: Broken): Promise<void> {
    this.#isBetween = true
    const continuation = await resume(broken).catch(() => undefined)
    this.#isBetween = false
    if (this.#ended) continuation?.upstream.body.cancel()
    else if (!continuation) this.#end(broken.error)
    else {
      this.#upstream = continuation.upstream
      this.#splitter = continuation.format.framing.splitter()
      this.#transform.continueWith?.(continuation)
      // A comment: readers of event streams skip it, people and tests see it.
      if (this.#setup.request.streamType === undefined) this.#emit(`: resumed by ${continuation.target}\n\n`)
      this.#upstream.body.flow(this)
    }
  }

  #end(error: GatewayError): void {
    this.#ended = true
    this.#leave(error)
    if (this.#opened) {
      this.#opened.reject(error)
      this.#opened = undefined
      return
    }
    this.#emit(this.#setup.request.writeStreamError(error))
    this.#sink?.end()
  }

  #presentable(thrown: unknown): GatewayError {
    if (thrown instanceof RangeError) {
      return new GatewayError(`The provider's stream is broken: ${thrown.message}.`, {
        kind: 'bad_response',
        status: 502,
        cause: thrown,
      })
    }
    return presentable(toGatewayError(thrown), this.#setup.provider)
  }

  #close(): void {
    this.#ended = true
    this.#commit()
    this.#settle(undefined)
    this.#sink?.end()
  }

  /** Some clients hang up as soon as they have the last event: they were answered. */
  #leave(error: GatewayError): void {
    this.#settle(error.kind === 'canceled' && this.#isAnswered() ? undefined : error)
  }

  #isAnswered(): boolean {
    try {
      return !this.#opened && this.#transform.isComplete()
    } catch {
      // What came last makes no sense.
      return false
    }
  }

  #settle(error: GatewayError | undefined): void {
    const { model, usage, finishReasons } = this.#transform
    const used = usedBy(usage, {
      isWhole: error === undefined,
      promptTokens: () => this.#setup.promptTokens(),
      answerTokens: () => this.#transform.answerTokens(),
    })
    this.#finish({
      ...used,
      ...(model !== undefined && { model }),
      ...(finishReasons.length > 0 && { finishReasons }),
      ...(error && { error }),
    })
  }
}
