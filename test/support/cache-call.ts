import type { Asked } from '../../src/core/asked.ts'
import type { ByteSink, ByteSource } from '../../src/core/bytes.ts'
import type { Call } from '../../src/core/call.ts'
import { Caller } from '../../src/core/caller.ts'
import type { Cancellation } from '../../src/core/cancel.ts'
import type { Dialect } from '../../src/core/dialect.ts'
import type { GatewayError } from '../../src/core/error.ts'
import type { Finish, Reply } from '../../src/core/reply.ts'
import type { RouteType } from '../../src/core/route.ts'
import { Trail } from '../../src/core/trail.ts'
import { openAi } from '../../src/dialects/openai/client.ts'
import { makeCall } from './call.ts'

export interface CacheRequest {
  body?: string
  dialect?: Dialect
  endpoint?: string
  type?: RouteType
  headers?: Record<string, string>
  search?: string
}

export type CacheCall = Call & { signal: Cancellation; asked: Asked }

export const CHAT = '{"model":"r","messages":[{"role":"user","content":"hi"}]}'
export const STREAMED_CHAT = CHAT.replace('}]}', '}],"stream":true}')

/** A call with all that the cache looks at. */
export function cacheCall({
  body = CHAT,
  dialect = openAi,
  endpoint = '/v1/chat/completions',
  type = 'llm/v1/chat',
  headers = {},
  search = '',
}: CacheRequest = {}): CacheCall {
  return {
    ...makeCall(body, { dialect, path: endpoint, type, headers }),
    caller: new Caller({ headers, search: new URLSearchParams(search) }),
    trail: new Trail(),
    asked: { endpoint, body: Buffer.from(body) },
  }
}

export function wholeReply(text: string, changes: Partial<Reply> = {}): Reply {
  return { body: { type: 'whole', text }, dropped: [], finished: Promise.resolve({}), ...changes }
}

/** A provider's stream that a test writes. */
export class TestStream implements ByteSource<Buffer | string> {
  readonly reply: Reply
  isPaused = false
  isCanceled = false
  #sink: ByteSink<Buffer | string> | undefined
  #finish: (finish: Finish) => void = () => undefined

  constructor() {
    const finished = new Promise<Finish>((resolve) => {
      this.#finish = resolve
    })
    this.reply = { body: { type: 'stream', source: this }, dropped: [], finished }
  }

  write(...chunks: (Buffer | string)[]): void {
    for (const chunk of chunks) this.#sink?.data(chunk)
  }

  /** With an error: after content, as the gateway tells it, in the stream's own last bytes. */
  end(error?: GatewayError): void {
    this.#finish(error ? { error } : {})
    this.#sink?.end()
  }

  break(error: GatewayError): void {
    this.#finish({ error })
    this.#sink?.error(error)
  }

  flow(sink: ByteSink<Buffer | string>): void {
    this.#sink = sink
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  cancel(): void {
    this.isCanceled = true
    this.#finish({})
  }
}

/** A client that takes what it is given. */
export class TestSink implements ByteSink<Buffer | string> {
  readonly chunks: string[] = []
  ended: 'end' | GatewayError | undefined
  /** Called with each chunk, as a client does that has enough for now. */
  onData: () => void = () => undefined

  data(chunk: Buffer | string): void {
    this.chunks.push(chunk.toString())
    this.onData()
  }

  end(): void {
    this.ended = 'end'
  }

  error(error: GatewayError): void {
    this.ended = error
  }
}

/** Let a reply's stream flow into a new client. */
export function flowOf({ body }: Reply): TestSink {
  const sink = new TestSink()
  if (body.type === 'stream') body.source.flow(sink)
  return sink
}

/** All of a reply's text that is there at once. */
export function textOf(reply: Reply): string {
  return reply.body.type === 'whole' ? reply.body.text.toString() : flowOf(reply).chunks.join('')
}
