import type { ByteSink, ByteSource } from '../core/bytes.ts'
import { GatewayError } from '../core/error.ts'
import { asString, isObject } from '../core/json.ts'
import type { Frame, FrameSplitter } from '../core/dialect.ts'
import { awsEventStream } from '../wire/aws-event-stream.ts'
import { writeFrame } from '../wire/sse.ts'

/**
 * The stream of `invoke-with-response-stream` as the model's own server-sent events: each message is unwrapped from
 * `{"bytes": "<base64>"}`, and its `type` names the event. `writeException` says in the model's API what Bedrock's
 * exceptions mean.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
 */
export function eventsOfModel(source: ByteSource, writeException: (frame: Frame) => string): ByteSource {
  return new ModelEventSource(source, writeException)
}

class ModelEventSource implements ByteSource {
  readonly #source: ByteSource
  readonly #writeException: (frame: Frame) => string
  readonly #splitter: FrameSplitter = awsEventStream.splitter()
  #isOver = false

  constructor(source: ByteSource, writeException: (frame: Frame) => string) {
    this.#source = source
    this.#writeException = writeException
  }

  flow(sink: ByteSink): void {
    this.#source.flow({
      data: (chunk) => {
        if (this.#isOver) return
        const events = this.#read(chunk)
        if (events instanceof GatewayError) {
          this.cancel()
          sink.error(events)
        } else if (events !== '') sink.data(Buffer.from(events))
      },
      end: () => {
        if (!this.#isOver) sink.end()
      },
      error: (error) => {
        if (!this.#isOver) sink.error(error)
      },
    })
  }

  pause(): void {
    this.#source.pause()
  }

  resume(): void {
    this.#source.resume()
  }

  cancel(): void {
    this.#isOver = true
    this.#source.cancel()
  }

  #read(chunk: Buffer): string | GatewayError {
    try {
      const complete = this.#splitter.push(chunk)
      if (!complete) return ''
      return awsEventStream
        .parse(complete)
        .map((frame) => (frame.event?.startsWith('exception:') ? this.#writeException(frame) : unwrap(frame)))
        .join('')
    } catch (cause) {
      const problem = cause instanceof RangeError ? cause.message : 'a message is not what it should be'
      return new GatewayError(`The provider's stream is broken: ${problem}.`, {
        kind: 'bad_response',
        status: 502,
        cause,
      })
    }
  }
}

function unwrap({ event, data }: Frame): string {
  if (event !== 'chunk') return ''
  const chunk: unknown = JSON.parse(data)
  const bytes = isObject(chunk) ? asString(chunk['bytes']) : undefined
  if (bytes === undefined) return ''
  const text = Buffer.from(bytes, 'base64').toString('utf8')
  const type = /^\{"type":"(\w+)"/.exec(text)?.[1]
  // Over several lines, an event would end at the first.
  return writeFrame(text.replaceAll(/[\r\n]/g, ' '), type)
}
