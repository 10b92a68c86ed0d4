import { randomUUID } from 'node:crypto'
import type { ClientRequest, Dialect } from '../core/dialect.ts'
import { toGatewayError, type GatewayError } from '../core/error.ts'
import type { Finish, Reply } from '../core/reply.ts'
import type { RouteInfo } from '../core/route.ts'
import type { Route, Runtime } from '../gateway/runtime.ts'
import type { Recorder } from '../gateway/record.ts'
import type { ClientConnection } from './client-connection.ts'
import { pathOf } from './request-url.ts'
import type { TakeIn } from './take-in.ts'
import type { UnderWay } from './under-way.ts'
import { writeJson } from './write-json.ts'

export interface ProxySetup {
  record: Recorder
  /** Requests under way, so that a shutdown can wait for them or end them. */
  underWay: UnderWay
}

/** Answers one kind of request: takes it in, runs the route, writes the reply, records how it went. */
export class Proxy {
  readonly #setup: ProxySetup
  readonly #dialect: Pick<Dialect, 'writeError'>
  readonly #takeIn: TakeIn

  constructor(setup: ProxySetup, dialect: Pick<Dialect, 'writeError'>, takeIn: TakeIn) {
    this.#setup = setup
    this.#dialect = dialect
    this.#takeIn = takeIn
  }

  /** The request keeps `runtime` to its end. `named` is the route that the path names; without it the body does. */
  async handle(connection: ClientConnection, runtime: Runtime, named?: Route): Promise<void> {
    const { underWay } = this.#setup
    const exchange = new Exchange(connection, this.#setup.record)
    exchange.route = named?.info
    underWay.add(connection)
    runtime.acquire()
    try {
      const { route, read } = await this.#takeIn(connection, runtime, named)
      exchange.route = route.info
      const request = read()
      exchange.take(request)
      const { id } = exchange
      await exchange.send(await route.run({ id, route: route.info, request, signal: connection.signal }))
    } catch (thrown) {
      this.#refuse(exchange, toGatewayError(thrown))
    } finally {
      underWay.delete(connection)
      await runtime.release()
    }
  }

  #refuse(exchange: Exchange, error: GatewayError): void {
    const { status, body } = this.#dialect.writeError(exchange.localise(error))
    exchange.refuse({ error, status, body })
  }
}

/** One request and its answer, with what the record of it needs. */
class Exchange {
  readonly connection: ClientConnection
  readonly id: string = randomUUID()
  readonly #record: Recorder
  readonly #startedAt = performance.now()
  /** Both unknown until the route is found. */
  route: RouteInfo | undefined
  #request: ClientRequest | undefined
  #firstByteAt = 0
  #dropped: readonly string[] = []

  constructor(connection: ClientConnection, record: Recorder) {
    this.connection = connection
    this.#record = record
  }

  take(request: ClientRequest): void {
    this.#request = request
  }

  /** The error with the client's own word for the field at fault. */
  localise(error: GatewayError): GatewayError {
    if (error.parameter === undefined) return error
    const name = this.#request?.parameterName(error.parameter) ?? error.parameter
    return error.withMessage(error.message.replace('{parameter}', name))
  }

  async send(reply: Reply): Promise<void> {
    this.#firstByteAt = performance.now()
    const { status = 200 } = reply
    this.#dropped = reply.dropped
    if (reply.body.type === 'whole') {
      const headers = this.#headers(reply)
      if (reply.body.contentType !== undefined) headers['content-type'] = reply.body.contentType
      writeJson(this.connection.response, { status, headers, body: reply.body.text })
    } else {
      await this.#sendStream(reply, reply.body)
    }
    this.#finish(status, await reply.finished)
  }

  refuse({ error, status, body }: { error: GatewayError; status: number; body: unknown }): void {
    this.#firstByteAt = performance.now()
    const { response, request } = this.connection
    const headers: Record<string, string> = { 'x-request-id': this.id }
    if (error.retryAfter !== undefined) headers['retry-after'] = error.retryAfter
    // A body that was not read to its end cannot be skipped on a connection that is to be used again.
    if (!request.complete) headers['connection'] = 'close'
    if (response.headersSent) response.destroy()
    else writeJson(response, { status, headers, body: JSON.stringify(body) })
    this.#finish(status, { error })
  }

  #headers({ dropped, headers: own }: Reply): Record<string, string> {
    const headers: Record<string, string> = { ...own, 'x-request-id': this.id }
    if (dropped.length > 0) headers['x-gateway-dropped-params'] = headerText(dropped.join(', '))
    return headers
  }

  #sendStream(reply: Reply, { source, contentType }: StreamBody): Promise<void> {
    const { connection } = this
    const { response } = connection
    response.writeHead(reply.status ?? 200, {
      ...(contentType === '' ? {} : { 'content-type': contentType ?? 'text/event-stream; charset=utf-8' }),
      // A raw answer may be anything, and is not to run as a page of the gateway's own.
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      // Tells nginx not to collect the stream before it sends it on.
      'x-accel-buffering': 'no',
      ...this.#headers(reply),
    })
    return new Promise((resolve) => {
      response.once('close', resolve)
      const resume = (): void => source.resume()
      source.flow({
        data(chunk): void {
          if (!connection.write(chunk, resume)) source.pause()
        },
        end(): void {
          response.end()
        },
        error(): void {
          response.destroy()
        },
      })
    })
  }

  #finish(status: number, { usage, error }: Finish): void {
    this.#record({
      id: this.id,
      path: pathOf(this.connection.request),
      route: this.route,
      status: error?.kind === 'canceled' ? error.status : status,
      stream: this.#request !== undefined && 'stream' in this.#request && this.#request.stream,
      durationMs: performance.now() - this.#startedAt,
      firstByteMs: this.#firstByteAt - this.#startedAt,
      usage,
      dropped: this.#dropped,
      error,
    })
  }
}

type StreamBody = Extract<Reply['body'], { type: 'stream' }>

/** Names of fields are the client's words, and may hold what no header can. */
function headerText(text: string): string {
  return text.slice(0, MAX_HEADER_TEXT).replaceAll(/[^ -~]/g, '?')
}

const MAX_HEADER_TEXT = 1024
