import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../src/core/json.ts'
import { Gateway } from '../support/gateway.ts'
import type { Recording } from './recordings.ts'

const PROVIDER = fileURLToPath(new URL('one-format.mjs', import.meta.url))

/** A recording and the format by which a route of its own serves it. */
export interface Replayed {
  recording: Recording
  /** `dialect.export` of the gateway's format, or a provider of its own. */
  format: string | ProviderText
  type?: 'llm/v1/chat' | 'llm/v1/completions' | 'llm/v1/embeddings' | 'llm/v1/rerank'
}

/** A provider in a configuration file, at a URL. */
export interface ProviderText {
  readonly provider: string
  readonly model: string
  config(base: string): JsonObject
}

/** A gateway with a route for each recording, whose provider answers with it, byte for byte, whatever it is asked. */
export class Replay {
  readonly #gateway: Gateway
  readonly #upstream: Server
  readonly #asked: ReadonlyMap<string, string>

  private constructor(gateway: Gateway, upstream: Server, asked: ReadonlyMap<string, string>) {
    this.#gateway = gateway
    this.#upstream = upstream
    this.#asked = asked
  }

  static async start(replayed: readonly Replayed[]): Promise<Replay> {
    const asked = new Map<string, string>()
    const recordings = new Map(replayed.map(({ recording }) => [routeOf(recording), recording]))
    const upstream = createUpstream(recordings, asked)
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = upstream.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const formats = [...new Set(replayed.flatMap(({ format }) => (typeof format === 'string' ? format : [])))]
    const gateway = await Gateway.start(configOf(replayed, port), {
      workers: 1,
      env: { CORPUS_FORMATS: formats.join(',') },
    })
    return new Replay(gateway, upstream, asked)
  }

  get url(): string {
    return this.#gateway.url
  }

  /** The body of the last request that the provider of a recording was sent. */
  askedOf(recording: Recording): string {
    return this.#asked.get(routeOf(recording)) ?? ''
  }

  async stop(): Promise<void> {
    await this.#gateway.stop()
    this.#upstream.closeAllConnections()
    await new Promise((resolve) => this.#upstream.close(resolve))
  }
}

/** The name of a recording's route. */
export function routeOf({ id }: Recording): string {
  return `replay-${id.replaceAll(/[^\w.-]/g, '-')}`
}

function configOf(replayed: readonly Replayed[], port: number): string {
  const routes = replayed.map(({ recording, format, type = 'llm/v1/chat' }) => {
    const name = routeOf(recording)
    const base = `http://127.0.0.1:${port}/${name}`
    if (typeof format === 'string') {
      return { name, type, model: { provider: PROVIDER, name: 'a-model', config: { base, format } } }
    }
    return {
      name,
      type,
      model: { provider: format.provider, name: format.model, config: format.config(base) },
    }
  })
  // JSON is YAML.
  return JSON.stringify({ routes })
}

const KEPT_HEADERS = ['content-type', 'retry-after', 'x-amzn-errortype']

/** `asked` gets the last body sent to each route. */
function createUpstream(recordings: ReadonlyMap<string, Recording>, asked: Map<string, string>): Server {
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const route = request.url?.split(/[/?:]/)[1] ?? ''
    const recording = recordings.get(route)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      asked.set(route, Buffer.concat(chunks).toString('utf8'))
      if (!recording) {
        response.writeHead(500).end(`no recording at ${request.url}`)
        return
      }
      const headers = KEPT_HEADERS.flatMap((name) => {
        const value = recording.headers[name]
        return value === undefined ? [] : [[name, value] as const]
      })
      response.writeHead(recording.status, Object.fromEntries(headers))
      if (recording.isStream) void writePieces(response, recording.bytes)
      else response.end(recording.bytes)
    })
  })
}

const PIECES = 8

/** A stream in pieces that end anywhere, as a network may cut it: always the same for the same bytes. */
async function writePieces(response: ServerResponse, bytes: Buffer): Promise<void> {
  let start = 0
  for (let piece = 1; piece < PIECES; piece++) {
    // Far from any boundary of events that are of one length.
    const end = Math.min(bytes.length, Math.floor((bytes.length * piece) / PIECES) + ((piece * 37) % 23))
    if (end <= start) continue
    response.write(bytes.subarray(start, end))
    await setImmediate()
    start = end
  }
  response.end(bytes.subarray(start))
}
