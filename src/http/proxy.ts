import { randomUUID } from 'node:crypto'
import type { Call } from '../core/call.ts'
import type { ClientRequest, Dialect, Endpoint, RequestHead } from '../core/dialect.ts'
import { toGatewayError, type GatewayError } from '../core/error.ts'
import type { Finish, Reply } from '../core/reply.ts'
import type { RouteInfo } from '../core/route.ts'
import type { Route, Runtime } from '../gateway/runtime.ts'
import type { Recorder } from '../gateway/record.ts'
import type { ClientConnection } from './client-connection.ts'
import { readBody } from './read-body.ts'
import { pathOf, searchOf } from './request-url.ts'
import type { UnderWay } from './under-way.ts'
import { writeJson } from './write-json.ts'

export interface ProxySetup {
  record: Recorder
  /** Requests under way, so that a shutdown can wait for them or end them. */
  underWay: UnderWay
}

/** Answers one endpoint of a dialect: reads the request, runs the route, writes the reply, records how it went. */
export class Proxy {
  readonly #setup: ProxySetup
  readonly #dialect: Dialect
  readonly #endpoint: Endpoint

  constructor(setup: ProxySetup, dialect: Dialect, endpoint: Endpoint) {
    this.#setup = setup
    this.#dialect = dialect
    this.#endpoint = endpoint
  }

  /** The request keeps `runtime` to its end. `route` is the one that the path names; without it the body does. */
  async handle(connection: ClientConnection, runtime: Runtime, route?: Route): Promise<void> {
    const { underWay } = this.#setup
    const exchange = new Exchange(connection, this.#setup.record)
    exchange.route = route?.info
    underWay.add(connection)
    runtime.acquire()
    try {
      await this.#answer(exchange, runtime, route)
    } catch (thrown) {
      this.#refuse(exchange, toGatewayError(thrown))
    } finally {
      underWay.delete(connection)
      await runtime.release()
    }
  }

  async #answer(exchange: Exchange, runtime: Runtime, named?: Route): Promise<void> {
    const { connection } = exchange
    const { settings } = runtime
    const body = await readBody(connection, settings.bodyLimit)
    const head: RequestHead = { headers: connection.request.headers, search: searchOf(connection.request) }
    const route = named ?? this.#address(body, head, runtime)
    exchange.route = route.info
    const request = this.#endpoint.read(body, { route: route.info, head, settings })
    exchange.request = request
    exchange.stream = 'stream' in request && request.stream
    const call: Call = { id: exchange.id, route: route.info, request, signal: connection.signal }
    await exchange.send(await route.run(call))
  }

  #address(body: Buffer, head: RequestHead, runtime: Runtime): Route {
    const { address } = this.#endpoint
    if (!address) throw new Error(`the endpoint ${this.#endpoint.path} finds no route in a body`)
    const name = address.routeOf(body, head)
    const route = runtime.route(name)
    if (!route) throw address.unknownRoute(name)
    return route
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
  stream = false
  readonly #record: Recorder
  readonly #startedAt = performance.now()
  /** Both unknown until the route is found. */
  route: RouteInfo | undefined
  request: ClientRequest | undefined
  #firstByteAt = 0

  constructor(connection: ClientConnection, record: Recorder) {
    this.connection = connection
    this.#record = record
  }

  /** The error with the client's own word for the field at fault. */
  localise(error: GatewayError): GatewayError {
    if (error.parameter === undefined) return error
    const name = this.request?.parameterName(error.parameter) ?? error.parameter
    return error.withMessage(error.message.replace('{parameter}', name))
  }

  async send(reply: Reply): Promise<void> {
    this.#firstByteAt = performance.now()
    if (reply.body.type === 'whole') {
      const headers = this.#headers(reply)
      if (reply.body.contentType !== undefined) headers['content-type'] = reply.body.contentType
      writeJson(this.connection.response, { status: 200, headers, body: reply.body.text })
    } else {
      await this.#sendStream(reply, reply.body)
    }
    this.#finish(200, await reply.finished)
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

  #headers({ dropped }: Reply): Record<string, string> {
    const headers: Record<string, string> = { 'x-request-id': this.id }
    if (dropped.length > 0) headers['x-gateway-dropped-params'] = headerText(dropped.join(', '))
    return headers
  }

  #sendStream(reply: Reply, { source, contentType }: StreamBody): Promise<void> {
    const { connection } = this
    const { response } = connection
    response.writeHead(200, {
      'content-type': contentType ?? 'text/event-stream; charset=utf-8',
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
      stream: this.stream,
      durationMs: performance.now() - this.#startedAt,
      firstByteMs: this.#firstByteAt - this.#startedAt,
      usage,
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
