import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cassette, RecordedEnd, RecordedReply } from '../../cassettes/cassette.ts'
import { readCassette } from '../../cassettes/read-cassette.ts'
import type { UpstreamFormat } from '../../core/dialect.ts'
import { GatewayError, toGatewayError } from '../../core/error.ts'
import type { Attempt, Provider, ProviderSetup, UpstreamReply } from '../../core/provider.ts'
import type { Secret } from '../../core/secret.ts'
import { TimedSource } from '../timed-source.ts'
import { wait } from '../wait.ts'
import { readSettings, type ReplaySettings } from './options.ts'
import { missed } from './missed.ts'
import { recordedChunks } from './recorded-chunks.ts'
import { Shelf, type ShelfItem } from './shelf.ts'

/** A provider that answers with what was recorded, byte for byte. */
export class Replay implements Provider {
  readonly name = 'replay'
  readonly model: string | null
  readonly formats: readonly UpstreamFormat[]
  readonly secrets: readonly Secret[] = []
  readonly #settings: ReplaySettings
  readonly #shelf: Shelf
  /** Ends what is under way: waits before an answer, and answers being read. */
  readonly #outstanding = new Set<(error: GatewayError) => void>()
  #isClosed = false

  /** Reads the cassettes. Throws a `TypeError` that says what is wrong with them. */
  constructor({ model, config }: ProviderSetup, known: readonly UpstreamFormat[]) {
    this.#settings = readSettings(config)
    this.#shelf = new Shelf(this.#settings.path)
    this.formats = formatsOf(this.#shelf, known)
    // What is written to a provider may depend on its model.
    this.model = model ?? onlyModel(this.#shelf.items)
  }

  async send({ format, stream, body, upload, signal }: Attempt): Promise<UpstreamReply> {
    if (signal.aborted) throw toGatewayError(signal.reason)
    if (this.#isClosed) throw closed()
    if (upload) throw missed({ format: format.name, stream }, undefined)
    const cassette = await this.#load(this.#choose({ format: format.name, stream, body }))
    const { reply, ended, ms } = cassette
    const headMs = this.#settings.isTimed ? (ms.head ?? ms.total) : 0
    if (headMs > 0) await wait({ ms: headMs, signal, onStart: (stop) => this.#start(stop) })
    if (signal.aborted) throw toGatewayError(signal.reason)
    if (this.#isClosed) throw closed()
    if (!reply) throw failureOf(ended)
    return this.#reply(reply, { cassette, signal })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const stop of this.#outstanding) stop(closed())
  }

  #choose(wanted: Parameters<Shelf['find']>[0]): ShelfItem {
    const found = this.#shelf.find(wanted)
    if (found) return found
    const nearest = this.#shelf.nearest(wanted)
    if (nearest && this.#settings.takesNearest && nearest.item.stream === wanted.stream) return nearest.item
    throw missed(wanted, nearest)
  }

  async #load({ file }: ShelfItem): Promise<Cassette> {
    try {
      return readCassette(await readFile(join(this.#settings.path, file), 'utf8'))
    } catch (cause) {
      throw new GatewayError(`The cassette ${file} is not what it was when the configuration was loaded.`, {
        kind: 'internal',
        status: 500,
        cause,
      })
    }
  }

  #reply(
    { status, headers, chunks }: RecordedReply,
    { cassette, signal }: { cassette: Cassette } & Pick<Attempt, 'signal'>,
  ): UpstreamReply {
    const { ended, ms } = cassette
    const stop = (error: GatewayError): void => source.fail(error)
    const source = new TimedSource({
      chunks: recordedChunks({
        chunks,
        headMs: this.#settings.isTimed ? (ms.head ?? 0) : undefined,
        failure: ended.how === 'complete' ? undefined : failureOf(ended),
      }),
      signal,
      onSettled: () => void this.#outstanding.delete(stop),
    })
    this.#outstanding.add(stop)
    const { 'content-type': contentType = '', 'retry-after': retryAfter, 'x-request-id': requestId } = headers
    return {
      status,
      headers,
      contentType,
      ...(retryAfter !== undefined && { retryAfter }),
      ...(requestId !== undefined && { requestId }),
      body: source,
    }
  }

  #start(stop: (error: GatewayError) => void): () => void {
    this.#outstanding.add(stop)
    return () => void this.#outstanding.delete(stop)
  }
}

/** The formats of the cassettes, in the order of their first ones. Throws a `TypeError` for one that nobody knows. */
function formatsOf({ items }: Shelf, known: readonly UpstreamFormat[]): UpstreamFormat[] {
  const names = new Map(items.map(({ format, file }) => [format, file]))
  return Array.from(names, ([name, file]) => {
    const format = known.find((one) => one.name === name)
    if (format) return format
    throw new TypeError(`${file} is in the format "${name}", which only its own provider knows`)
  })
}

/** The model of the cassettes, when it is the same in all. */
function onlyModel(items: readonly ShelfItem[]): string | null {
  const models = new Set(items.map(({ model }) => model))
  const [model = null] = models
  return models.size === 1 ? model : null
}

function failureOf(ended: RecordedEnd): GatewayError {
  if (ended.how === 'failed') {
    return new GatewayError(ended.message, { kind: ended.kind, status: ended.status })
  }
  return new GatewayError('The recorded answer breaks off here: it was not read to its end.', {
    kind: 'truncated',
    status: 502,
  })
}

function closed(): GatewayError {
  return new GatewayError('The replay was closed while it answered.', { kind: 'draining', status: 503 })
}
