import { fastify, type FastifyInstance } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { visibleTo } from '../auth/allowed.ts'
import type { Dialect, ErrorReply, Lookup } from '../core/dialect.ts'
import { type GatewayError, toGatewayError } from '../core/error.ts'
import type { CurrentRuntime } from '../gateway/runtime.ts'
import { identify, routesShownTo } from './admission.ts'
import { ClientConnection } from './client-connection.ts'
import { docsRoutes } from './docs.ts'
import { Fallback, type KnownPath } from './fallback.ts'
import { framingError } from './guard.ts'
import { answerHealth, answerReady, type HealthStatus } from './health.ts'
import { answerParserError } from './parser-error.ts'
import { Proxy, type ProxySetup } from './proxy.ts'
import { searchOf } from './request-url.ts'
import { takeBody } from './take-body.ts'
import { takeRaw } from './take-raw.ts'
import { takeUpload } from './take-upload.ts'
import { writeJson } from './write-json.ts'
import { writeRefusal } from './write-refusal.ts'

export interface ServerSetup extends ProxySetup {
  dialects: readonly Dialect[]
  runtime: CurrentRuntime
  health(): HealthStatus
}

/** How long a client may take over its request's head and its whole body. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
/** Node looks for clients that took too long only this often; its default of 30 s would triple the limits above. */
const CHECK_TIMEOUTS_MS = 2_000
const KEEP_ALIVE_MS = 72_000
const MAX_HEADER_BYTES = 16 * 1024

/** Answers a request; gives false when the path turns out to be none of its own. */
type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  route: string,
) => boolean | Promise<boolean>

interface HandledPath extends KnownPath {
  handler: Handler
}

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
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_TIMEOUTS_MS,
    },
    clientErrorHandler: answerParserError,
    routerOptions: { maxParamLength: 500 },
    // A path that cannot be decoded, or with a name longer than any route's.
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack()
      writeJson(reply.raw, { status: 404, body: '{"detail":"Not Found"}' })
    },
  })
  // Bodies are read by the handlers: the dialects decide what a content type means.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const paths = [...dialectPaths(setup), ...lookupPaths(setup), ...rawPaths(setup), ...ownPaths(setup)]
  const fallback = new Fallback(paths)
  const fallBack = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    fallback.answer(request, response, await routesShownTo(request, setup.runtime.get()))
  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    handle: () => boolean | Promise<boolean>,
  ): void => {
    const problem = framingError(request)
    if (problem !== undefined) {
      refuseFraming(response, problem)
      return
    }
    const isTaken = handle()
    if (isTaken === true) return
    // What fails while a failure is being answered must end this request, not the worker.
    const end = (): unknown => response.destroy()
    if (isTaken === false) fallBack(request, response).catch(end)
    else isTaken.then((taken) => (taken ? undefined : fallBack(request, response))).catch(end)
  }
  for (const { method, path, handler } of paths) {
    app.route<{ Params: { route?: string } }>({
      method,
      url: path.replace(LITERAL_COLON, ':route(^[^:/]+)::'),
      // Answered as soon as the path is found: what Fastify would do between this and a handler is not needed.
      onRequest(request, reply): void {
        reply.hijack()
        answer(request.raw, reply.raw, () => handler(request.raw, reply.raw, request.params.route ?? ''))
      },
      handler(): void {},
    })
  }
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    answer(request.raw, reply.raw, () => false)
  })
  app.setErrorHandler((error, _request, reply) => {
    reply.hijack()
    const { status, message } = toGatewayError(error)
    writeJson(reply.raw, { status, body: JSON.stringify({ detail: message }) })
  })
  return app
}

/** Fastify takes a name to end at a slash; before a literal colon it needs to be told. */
const LITERAL_COLON = /:route::/

function dialectPaths(setup: ServerSetup): HandledPath[] {
  return setup.dialects.flatMap((dialect) => [
    ...dialect.endpoints.map((endpoint) => {
      const { method, path, unknownRoute: tell } = endpoint
      const proxy = new Proxy(setup, dialect, takeBody(endpoint))
      const needsRoute = !endpoint.address
      const unknown = tell && ((name: string): ErrorReply => dialect.writeError(tell(name)))
      return { method, path, needsRoute, handler: callEndpoint(setup, proxy, { needsRoute, unknown }) }
    }),
    ...(dialect.uploads ?? []).map((endpoint) => {
      const { method, path } = endpoint
      const proxy = new Proxy(setup, dialect, takeUpload(endpoint))
      return { method, path, handler: callEndpoint(setup, proxy, { needsRoute: false }) }
    }),
  ])
}

/** The providers' own APIs, below each route's name. What goes wrong here is said as OpenAI says it. */
function rawPaths(setup: ServerSetup): HandledPath[] {
  const proxy = new Proxy(setup, { name: 'raw', writeError: writeRawError }, takeRaw)
  const handler = callEndpoint(setup, proxy, { needsRoute: true })
  return ['/proxy/:route/*', '/gateway/proxy/:route/*'].flatMap((path) =>
    RAW_METHODS.map((method) => ({ method, path, needsRoute: true, handler })),
  )
}

const RAW_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

function writeRawError({ status, message, kind, code }: GatewayError): ErrorReply {
  return { status, body: { error: { message, type: kind, code: code ?? null } } }
}

interface Addressing {
  /** Whether the path names the route. */
  needsRoute: boolean
  /** The answer for a name that no route has; absent: as if there were no such path. */
  unknown?: ((name: string) => ErrorReply) | undefined
}

function callEndpoint(setup: ServerSetup, proxy: Proxy, { needsRoute, unknown }: Addressing): Handler {
  return (request, response, name) => {
    const runtime = setup.runtime.get()
    const connection = new ClientConnection(request, response)
    const route = needsRoute ? runtime.route(name) : undefined
    if (needsRoute && !route) {
      return proxy.mayAsk(connection, runtime, name).then((mayAsk) => {
        if (!mayAsk) return true
        return unknown ? answerUnknown(response, unknown(name)) : false
      })
    }
    // What fails while a failure is being answered must end this request, not the worker.
    proxy.handle(connection, runtime, route).catch(() => response.destroy())
    return true
  }
}

function answerUnknown(response: ServerResponse, { status, body }: ErrorReply): true {
  writeJson(response, { status, headers: ['connection', 'close'], body: JSON.stringify(body) })
  return true
}

interface DialectLookup extends Lookup {
  dialect: Dialect
}

/** A path that several dialects answer belongs to the first of them that knows its own request by the headers. */
function lookupPaths(setup: ServerSetup): HandledPath[] {
  const byPath = new Map<string, DialectLookup[]>()
  for (const dialect of setup.dialects) {
    for (const lookup of dialect.lookups) {
      const key = `${lookup.method} ${lookup.path}`
      const shared = byPath.get(key) ?? []
      byPath.set(key, shared)
      if (lookup.accepts) shared.unshift({ ...lookup, dialect })
      else shared.push({ ...lookup, dialect })
    }
  }
  return Array.from(byPath.values(), (lookups) => {
    const [{ method, path } = { method: 'GET', path: '' }] = lookups
    return { method, path, handler: answerLookup(setup, lookups) }
  })
}

/** Callers learn of the routes that they may use. */
function answerLookup({ runtime }: ServerSetup, lookups: readonly DialectLookup[]): Handler {
  return async (request, response, route) => {
    const head = { headers: request.headers, search: searchOf(request) }
    const lookup = lookups.find((one) => !one.accepts || one.accepts(head))
    if (!lookup || (lookup.path.includes(':route') && route === '')) return false
    const current = runtime.get()
    try {
      const identity = await identify(current, head, lookup.dialect)
      const answer = lookup.answer(visibleTo(identity, current), { route, search: head.search })
      writeJson(response, { status: 200, body: JSON.stringify(answer) })
    } catch (thrown) {
      writeRefusal(response, toGatewayError(thrown), lookup.dialect)
    }
    return true
  }
}

function ownPaths(setup: ServerSetup): HandledPath[] {
  return [
    get('/', (_request, response) => {
      response.writeHead(307, { location: '/docs', 'content-length': 0 })
      response.end()
    }),
    get('/health', (request, response) => {
      const isVerbose = searchOf(request).has('verbose')
      answerHealth(response, setup.health(), { isVerbose, isClosed: setup.runtime.get().gate.isClosed })
    }),
    get('/livez', (_request, response) => writeJson(response, { status: 200, body: '{"status":"OK"}' })),
    get('/readyz', (_request, response) => answerReady(response, setup.health())),
    get('/favicon.ico', (_request, response) => {
      writeJson(response, { status: 404, body: '{"detail":"favicon.ico not found"}' })
    }),
    ...docsRoutes(setup).map(({ path, handler }) => get(path, handler)),
  ]
}

function get(
  path: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): HandledPath {
  return {
    method: 'GET',
    path,
    handler(request, response): boolean | Promise<boolean> {
      const answered = answer(request, response)
      return answered ? answered.then(() => true) : true
    },
  }
}

function refuseFraming(response: ServerResponse, problem: string): void {
  const body = JSON.stringify({ detail: problem })
  writeJson(response, { status: 400, headers: ['connection', 'close'], body })
}
