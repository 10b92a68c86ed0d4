import { fastify, type FastifyInstance } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dialect, Lookup } from '../core/dialect.ts'
import { toGatewayError } from '../core/error.ts'
import type { Recorder } from '../gateway/record.ts'
import type { CurrentRuntime } from '../gateway/runtime.ts'
import type { ClientConnection } from './client-connection.ts'
import { docsRoutes } from './docs.ts'
import { Fallback, type KnownPath } from './fallback.ts'
import { framingError } from './guard.ts'
import { answerHealth, answerReady, type HealthStatus } from './health.ts'
import { Proxy } from './proxy.ts'
import { writeJson } from './write-json.ts'

export interface ServerSetup {
  dialects: readonly Dialect[]
  runtime: CurrentRuntime
  record: Recorder
  health(): HealthStatus
  /** Requests under way; the server keeps it. */
  underWay: Set<ClientConnection>
}

/** How long a client may take over its request's head and its whole body. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 72_000
const MAX_HEADER_BYTES = 16 * 1024

type Handler = (request: IncomingMessage, response: ServerResponse, parameter: string) => void | Promise<void>

/**
 * The data plane's server. Fastify routes; every answer is written to Node's response itself, because its reply
 * pipeline costs more than the rest of a proxied request.
 */
export function createServer(setup: ServerSetup): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS },
    routerOptions: { maxParamLength: 500 },
  })
  // Bodies are read by the handlers: the dialects decide what a content type means.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const known: KnownPath[] = []
  const add = (path: KnownPath, handler: Handler): void => {
    known.push(path)
    addRoute(app, path, handler)
  }
  for (const dialect of setup.dialects) {
    for (const endpoint of dialect.endpoints) {
      const proxy = new Proxy(setup, dialect, endpoint)
      const needsRoute = endpoint.unknownRoute('').status === 404
      add({ method: endpoint.method, path: endpoint.path, needsRoute }, (request, response, route) =>
        proxy.handle(request, response, route),
      )
    }
    for (const lookup of dialect.lookups)
      add({ ...lookup, needsRoute: false }, answerLookup(setup, dialect, lookup))
  }
  addOwnRoutes(setup, add)
  const fallback = new Fallback(known)
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    guarded(request.raw, reply.raw, () => fallback.answer(request.raw, reply.raw, setup.runtime.get()))
  })
  app.setErrorHandler((error, _request, reply) => {
    reply.hijack()
    const { status, message } = toGatewayError(error)
    writeJson(reply.raw, { status, body: JSON.stringify({ detail: message }) })
  })
  return app
}

function addOwnRoutes(setup: ServerSetup, add: (path: KnownPath, handler: Handler) => void): void {
  const get = (path: string, handler: Handler): void =>
    add({ method: 'GET', path, needsRoute: false }, handler)
  get('/', (_request, response) => {
    response.writeHead(307, { location: '/docs', 'content-length': 0 })
    response.end()
  })
  get('/health', (request, response) => {
    answerHealth(response, setup.health(), searchOf(request).has('verbose'))
  })
  get('/livez', (_request, response) => writeJson(response, { status: 200, body: '{"status":"OK"}' }))
  get('/readyz', (_request, response) => answerReady(response, setup.health()))
  get('/favicon.ico', (_request, response) => {
    writeJson(response, { status: 404, body: '{"detail":"favicon.ico not found"}' })
  })
  for (const { path, handler } of docsRoutes(setup)) get(path, handler)
}

function answerLookup({ runtime }: ServerSetup, dialect: Dialect, lookup: Lookup): Handler {
  return (request, response, route) => {
    try {
      const answer = lookup.answer(runtime.get(), { route, search: searchOf(request) })
      writeJson(response, { status: 200, body: JSON.stringify(answer) })
    } catch (thrown) {
      const { status, body } = dialect.writeError(toGatewayError(thrown))
      writeJson(response, { status, body: JSON.stringify(body) })
    }
  }
}

function addRoute(app: FastifyInstance, { method, path }: KnownPath, handler: Handler): void {
  app.route<{ Params: { route?: string } }>({
    method,
    url: path,
    handler(request, reply): void {
      reply.hijack()
      const { route = '' } = request.params
      guarded(request.raw, reply.raw, () => handler(request.raw, reply.raw, route))
    },
  })
}

/** Nothing is decided about a request before its framing is sound. */
function guarded(
  request: IncomingMessage,
  response: ServerResponse,
  handle: () => void | Promise<void>,
): void {
  const problem = framingError(request)
  if (problem === undefined) void handle()
  else
    writeJson(response, {
      status: 400,
      headers: { connection: 'close' },
      body: JSON.stringify({ detail: problem }),
    })
}

function searchOf(request: IncomingMessage): URLSearchParams {
  const [, query = ''] = (request.url ?? '').split('?', 2)
  return new URLSearchParams(query)
}
