import type { IncomingHttpHeaders } from 'node:http'
import type { Asked } from '../core/asked.ts'
import type { ClientRequest, Dialect } from '../core/dialect.ts'
import { Caller } from '../core/caller.ts'
import { toGatewayError, type ErrorKind, type GatewayError } from '../core/error.ts'
import type { Finish, Reply } from '../core/reply.ts'
import type { RouteInfo } from '../core/route.ts'
import { newRequestId } from '../core/request-id.ts'
import type { TraceContext } from '../core/trace.ts'
import { Trail } from '../core/trail.ts'
import type { Identity } from '../core/identity.ts'
import type { SaidBody } from '../gateway/bodies/body-keeper.ts'
import { explainTrail } from '../gateway/explain-trail.ts'
import type { Route, Runtime } from '../gateway/runtime.ts'
import type { CallRecord, Recorder } from '../gateway/record.ts'
import { usedWithoutAnswer } from '../gateway/used.ts'
import { identify, mustBeAllowed, reachableBy } from './admission.ts'
import type { ClientConnection, InProgress } from './client-connection.ts'
import { headerText, type HeaderList, withOthers } from './header-list.ts'
import { pathOf } from './request-url.ts'
import { headOf } from './take-body.ts'
import type { TakeIn } from './take-in.ts'
import type { UnderWay } from './under-way.ts'
import { writeJson } from './write-json.ts'
import { writeTrail } from './write-trail.ts'

export interface ProxySetup {
  record: Recorder
  /** Where a request stands in a trace; absent while nobody traces. */
  trace?(headers: IncomingHttpHeaders): TraceContext
  /** What keeps new requests out: records of them could not be kept. */
  refusal?(): GatewayError | undefined
  /** Requests under way, so that a shutdown can wait for them or end them. */
  underWay: UnderWay
}

type ProxyDialect = Pick<Dialect, 'name' | 'hasKeyInQuery' | 'writeError'>

/** Answers one kind of request: takes it in, runs the route, writes the reply, records how it went. */
export class Proxy {
  readonly #setup: ProxySetup
  readonly #dialect: ProxyDialect
  readonly #takeIn: TakeIn

  constructor(setup: ProxySetup, dialect: ProxyDialect, takeIn: TakeIn) {
    this.#setup = setup
    this.#dialect = dialect
    this.#takeIn = takeIn
  }

  /** The request keeps `runtime` to its end. `named` is the route that the path names; without it the body does. */
  async handle(connection: ClientConnection, runtime: Runtime, named?: Route): Promise<void> {
    const { underWay } = this.#setup
    const exchange = new Exchange(connection, this.#setup, this.#dialect.name)
    underWay.add(connection)
    runtime.acquire()
    try {
      const found = this.#callerOf(exchange, runtime)
      // Nearly always known: then nothing is waited for.
      const caller = found instanceof Promise ? await found : found
      if (named) mustBeAllowed(caller.identity, named.info.name)
      exchange.route = named?.info
      const refusal = this.#setup.refusal?.()
      if (refusal) throw refusal
      const reachable = reachableBy(caller.identity, runtime)
      const { route, read, asked } = await this.#takeIn(connection, reachable, named)
      exchange.route = route.info
      exchange.said = route.bodies?.begin(asked?.body)
      const request = read()
      exchange.take(request, asked)
      const { id, trail } = exchange
      await exchange.send(
        await route.run({
          id,
          route: route.info,
          request,
          ...(asked && { asked }),
          caller,
          signal: connection.signal,
          trail,
        }),
      )
    } catch (thrown) {
      this.#refuse(exchange, toGatewayError(thrown))
    } finally {
      underWay.delete(connection)
      await runtime.release()
    }
  }

  /** Whether the sender may be told that no route has this name. Who may not is answered here. */
  async mayAsk(connection: ClientConnection, runtime: Runtime, name: string): Promise<boolean> {
    const exchange = new Exchange(connection, this.#setup, this.#dialect.name)
    try {
      const { identity } = await this.#callerOf(exchange, runtime)
      mustBeAllowed(identity, name)
      return true
    } catch (thrown) {
      this.#refuse(exchange, toGatewayError(thrown))
      return false
    }
  }

  #callerOf(exchange: Exchange, runtime: Runtime): Caller | Promise<Caller> {
    const head = headOf(exchange.connection)
    const known = (identity: Identity | undefined): Caller => (exchange.caller = new Caller(head, identity))
    const found = identify(runtime, head, this.#dialect)
    return found instanceof Promise ? found.then(known) : known(found)
  }

  #refuse(exchange: Exchange, error: GatewayError): void {
    const { status, body } = this.#dialect.writeError(exchange.localise(error))
    exchange.refuse({ error, status, body })
  }
}

/** One request and its answer, with what the record of it needs. */
class Exchange implements InProgress {
  readonly connection: ClientConnection
  readonly id: string = newRequestId()
  readonly #setup: ProxySetup
  readonly #dialect: string
  readonly trail: Trail = new Trail()
  /** Both unknown until the route is found. */
  route: RouteInfo | undefined
  #request: ClientRequest | undefined
  #asked: Asked | undefined
  #firstByteAt = 0
  #dropped: readonly string[] = []
  #responseBytes = 0
  #isRecorded = false
  notedIn: number | undefined
  caller: Caller | undefined
  /** Absent: nothing of it is kept. */
  said: SaidBody | undefined

  constructor(connection: ClientConnection, setup: ProxySetup, dialect: string) {
    this.connection = connection
    this.#setup = setup
    this.#dialect = dialect
    connection.inProgress = this
    this.trail.trace = setup.trace?.(connection.request.headers)
  }

  get startedAt(): number {
    return this.trail.startedAt
  }

  soFar(): CallRecord {
    const { response } = this.connection
    return this.#recordOf(response.headersSent ? response.statusCode : 0, {})
  }

  take(request: ClientRequest, asked: Asked | undefined): void {
    this.#request = request
    this.#asked = asked
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
      const { text, contentType } = reply.body
      this.#responseBytes = Buffer.byteLength(text)
      this.said?.answer(text)
      this.#finish(status, await reply.finished)
      writeJson(this.connection.response, { status, headers, contentType, body: text })
    } else {
      await this.#sendStream(reply, reply.body)
      // The client left, or was cut off; a stream that came to its end is recorded before that.
      if (!this.#isRecorded) this.#finish(status, await reply.finished)
    }
  }

  refuse({ error, status, body }: { error: GatewayError; status: number; body: unknown }): void {
    this.#firstByteAt = performance.now()
    const { response, request } = this.connection
    const headers = this.#trailHeaders()
    if (error.retryAfter !== undefined) headers.push('retry-after', wholeSeconds(error.retryAfter))
    // What could be done was done: clients' SDKs are not to multiply the attempts.
    if (!WORTH_COMING_BACK.has(error.kind)) headers.push('x-should-retry', 'false')
    if (error.kind === 'unauthorized') headers.push('www-authenticate', 'Bearer')
    // A body that was not read to its end cannot be skipped on a connection that is to be used again.
    if (!request.complete) headers.push('connection', 'close')
    const text = JSON.stringify(body)
    if (!response.headersSent) {
      this.#responseBytes = Buffer.byteLength(text)
      this.said?.answer(text)
    }
    this.#finish(status, { error, ...this.#usedInVain(error) })
    if (response.headersSent) response.destroy()
    else writeJson(response, { status, headers, body: text })
  }

  #usedInVain(error: GatewayError): Omit<Finish, 'error'> {
    const { caller, trail } = this
    const request = this.#request
    if (!request || !caller) return {}
    return usedWithoutAnswer({ request, caller, trail, ...(this.#asked && { asked: this.#asked }) }, error)
  }

  #headers({ dropped, headers: others }: Reply): HeaderList {
    const headers = this.#trailHeaders()
    if (dropped.length > 0) headers.push('x-gateway-dropped-params', headerText(dropped.join(', ')))
    return others ? withOthers(headers, others) : headers
  }

  #trailHeaders(): HeaderList {
    const { id, route, trail, connection } = this
    const headers: HeaderList = ['x-request-id', id]
    writeTrail(headers, { id, route, trail })
    if (connection.request.headers['x-gateway-explain'] === '1') {
      headers.push('x-gateway-explain', headerText(JSON.stringify(explainTrail(trail, true)), MAX_EXPLAINED))
    }
    return headers
  }

  #sendStream(reply: Reply, { source, contentType }: StreamBody): Promise<void> {
    const { connection } = this
    const { response } = connection
    response.writeHead(reply.status ?? 200, [
      ...(contentType === '' ? [] : ['content-type', contentType ?? 'text/event-stream; charset=utf-8']),
      ...STREAM_HEADERS,
      ...this.#headers(reply),
    ])
    return new Promise((resolve) => {
      response.once('close', resolve)
      const resume = (): void => source.resume()
      source.flow({
        data: (chunk): void => {
          this.#responseBytes += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length
          this.said?.add(chunk)
          if (!connection.write(chunk, resume)) source.pause()
        },
        end: (): void => {
          // Whoever has the whole answer is in the records, whatever happens next.
          void reply.finished.then((finish) => {
            this.#finish(reply.status ?? 200, finish)
            response.end()
          })
        },
        error(): void {
          response.destroy()
        },
      })
    })
  }

  #finish(status: number, finish: Finish): void {
    if (this.#isRecorded) return
    this.#isRecorded = true
    this.#setup.record(this.#recordOf(status, finish))
  }

  #recordOf(status: number, { usage, error, model, finishReasons, isEstimated = false }: Finish): CallRecord {
    const { request } = this.connection
    const durationMs = performance.now() - this.trail.startedAt
    return {
      id: this.id,
      path: pathOf(request),
      method: request.method,
      route: this.route,
      dialect: this.#dialect,
      caller: this.caller,
      operation: this.#request?.operation,
      status: error?.kind === 'canceled' ? error.status : status,
      stream: this.#request !== undefined && 'stream' in this.#request && this.#request.stream,
      durationMs,
      firstByteMs: this.#firstByteAt === 0 ? durationMs : this.#firstByteAt - this.trail.startedAt,
      modelServed: model,
      usage,
      finishReasons,
      isEstimated,
      // Of a body that comes in chunks of a length that nobody said it is not known.
      requestBytes: Number(request.headers['content-length'] ?? 0) || 0,
      responseBytes: this.#responseBytes,
      dropped: this.#dropped,
      error,
      trail: this.trail,
      said: this.said,
    }
  }
}

const STREAM_HEADERS = [
  // A raw answer may be anything, and is not to run as a page of the gateway's own.
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-cache'],
  // Tells nginx not to collect the stream before it sends it on.
  ['x-accel-buffering', 'no'],
].flat()

type StreamBody = Extract<Reply['body'], { type: 'stream' }>

const MAX_EXPLAINED = 8 * 1024

/** HTTP has no fractions of seconds; some providers do. */
function wholeSeconds(retryAfter: string): string {
  return retryAfter.includes('.') ? String(Math.ceil(Number(retryAfter))) : retryAfter
}

/** Failures that are the gateway's own and soon over. */
const WORTH_COMING_BACK: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['draining', 'busy'])
