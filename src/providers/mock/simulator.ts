import type { CancelSignal } from '../../core/cancel.ts'
import type { ByteSource } from '../../core/bytes.ts'
import type { UpstreamFormat } from '../../core/dialect.ts'
import { GatewayError, toGatewayError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { Attempt, Provider, ProviderSetup, UpstreamReply } from '../../core/provider.ts'
import { askForUsage } from '../stream-usage.ts'
import type { Secret } from '../../core/secret.ts'
import { answerChat } from './chat-answer.ts'
import { streamCompletion, writeCompletion } from './chat-body.ts'
import { digestChat, readChat } from './chat-request.ts'
import { readEmbeddings, writeEmbeddings } from './embeddings.ts'
import { breakBody, disconnected, isUnlucky, refusalFor, streamFaultFor, type ErrorKind } from './faults.ts'
import { readSettings, type MockSettings } from './options.ts'
import { paced } from './paced.ts'
import { Digest } from './random.ts'
import { invalid, Refusal } from './refusal.ts'
import { TimedSource } from '../timed-source.ts'
import { wait } from '../wait.ts'

/** The formats that the mock is spoken to in: OpenAI's. */
export interface MockFormats {
  chat: UpstreamFormat
  embeddings: UpstreamFormat
}

/** How the 99th of 100 normal deviates differs from the mean. */
const Z99 = 2.3263

/** A model that is made up: it answers OpenAI requests out of their own words, without a network. */
export class Simulator implements Provider {
  readonly name = 'mock'
  readonly model: string | null
  readonly secrets: readonly Secret[] = []
  readonly #formats: MockFormats
  readonly #settings: MockSettings
  readonly #seed: Digest
  /** Ends what is under way: waits before an answer, and answers being read. */
  readonly #outstanding = new Set<(error: GatewayError) => void>()
  #isClosed = false

  constructor({ model, config }: ProviderSetup, formats: MockFormats) {
    this.model = model
    this.#formats = formats
    this.#settings = readSettings(config)
    this.#seed = new Digest().addText(String(this.#settings.seed))
  }

  get formats(): readonly UpstreamFormat[] {
    return [this.#formats.chat, this.#formats.embeddings]
  }

  async send(attempt: Attempt): Promise<UpstreamReply> {
    if (attempt.signal.aborted) throw toGatewayError(attempt.signal.reason)
    if (this.#isClosed) throw closed()
    try {
      const body = parseBody(askForUsage(attempt))
      return attempt.format.operation === 'chat'
        ? await this.#chat(body, attempt)
        : await this.#embed(body, attempt)
    } catch (error) {
      if (error instanceof Refusal) return this.#refuse(error, attempt)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const stop of this.#outstanding) stop(closed())
  }

  async #chat(body: JsonObject, attempt: Attempt): Promise<UpstreamReply> {
    const chat = readChat(body)
    const digests = digestChat(body, this.#seed)
    const latencyMs = this.#latencyMs(digests.request)
    const fault = await this.#meetFate(digests.request, attempt, latencyMs)
    const answer = answerChat(chat, digests, {
      model: this.#modelName(chat.model),
      reply: this.#settings.reply,
    })
    const { tokenMs } = this.#settings
    if (attempt.stream) {
      await this.#wait(latencyMs, attempt.signal)
      const streamFault = fault && streamFaultFor(fault)
      const chunks = streamCompletion(answer, { includeUsage: chat.includeUsage, fault: streamFault })
      // Candidates take turns, and each has the full rate.
      const source = this.#source(chunks, attempt.signal, tokenMs / answer.candidates.length)
      return {
        status: 200,
        contentType: 'text/event-stream',
        requestId: requestId(digests.request),
        body: source,
      }
    }
    const longest = Math.max(...answer.candidates.map(({ pieces }) => pieces.length))
    await this.#wait(latencyMs + tokenMs * longest, attempt.signal)
    return this.#json(breakBody(fault, writeCompletion(answer)), { request: digests.request, attempt })
  }

  async #embed(body: JsonObject, attempt: Attempt): Promise<UpstreamReply> {
    const read = readEmbeddings(body)
    const model = this.#modelName(read.model)
    const request = this.#seed.fork().addValue(body)
    const latencyMs = this.#latencyMs(request)
    const fault = await this.#meetFate(request, attempt, latencyMs)
    await this.#wait(latencyMs, attempt.signal)
    const text = writeEmbeddings(read, {
      space: this.#seed.fork().addText(model),
      model,
      dimensions: read.dimensions ?? this.#settings.dimensions,
    })
    return this.#json(breakBody(fault, text), { request, attempt })
  }

  /** The fault that is to break the answer, if any. Throws when there is to be no answer at all. */
  async #meetFate(request: Digest, attempt: Attempt, latencyMs: number): Promise<ErrorKind | undefined> {
    const { errorRate, errorKind } = this.#settings
    if (!isUnlucky(request, errorRate)) return undefined
    if (errorKind === 'timeout') await this.#wait(Infinity, attempt.signal)
    const refusal = refusalFor(errorKind, { stream: attempt.stream })
    if (!refusal && errorKind !== 'disconnect') return errorKind
    await this.#wait(latencyMs, attempt.signal)
    throw refusal ?? disconnected()
  }

  #refuse(refusal: Refusal, attempt: Attempt): UpstreamReply {
    return {
      status: refusal.status,
      contentType: 'application/json',
      ...(refusal.retryAfter === undefined ? {} : { retryAfter: refusal.retryAfter }),
      body: this.#source([refusal.toBody()].values(), attempt.signal),
    }
  }

  #json(text: string, { request, attempt }: { request: Digest; attempt: Attempt }): UpstreamReply {
    return {
      status: 200,
      contentType: 'application/json',
      requestId: requestId(request),
      body: this.#source([text].values(), attempt.signal),
    }
  }

  #source(chunks: Iterator<string>, signal: CancelSignal, intervalMs = 0): ByteSource {
    const stop = (error: GatewayError): void => source.fail(error)
    const onSettled = (): void => void this.#outstanding.delete(stop)
    const source = new TimedSource({ chunks: paced(chunks, intervalMs), signal, onSettled })
    this.#outstanding.add(stop)
    return source
  }

  async #wait(ms: number, signal: CancelSignal): Promise<void> {
    if (this.#isClosed) throw closed()
    if (ms <= 0) return
    const onStart = (stop: (error: GatewayError) => void): (() => void) => {
      this.#outstanding.add(stop)
      return () => void this.#outstanding.delete(stop)
    }
    await wait({ ms, signal, onStart })
  }

  #latencyMs(request: Digest): number {
    const { p50Ms, p99Ms } = this.#settings.latency
    if (p50Ms === p99Ms || p50Ms === 0) return p50Ms
    return p50Ms * (p99Ms / p50Ms) ** (request.random('latency').normal() / Z99)
  }

  #modelName(asked: string | undefined): string {
    return asked ?? this.model ?? 'mock'
  }
}

function parseBody(body: Buffer | string): JsonObject {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString())
  } catch {
    throw invalid(undefined, 'We could not parse the JSON body of your request.')
  }
  if (!isObject(parsed)) throw invalid(undefined, 'The body of the request has to be a JSON object.')
  return parsed
}

function requestId(request: Digest): string {
  return `req_${request.random('request id').id(24)}`
}

function closed(): GatewayError {
  return new GatewayError('The mock provider was closed while it answered.', {
    kind: 'draining',
    status: 503,
  })
}
