import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parserErrorAnswer } from '../http/parser-error.ts'
import { searchOf } from '../http/request-url.ts'
import { writeJson } from '../http/write-json.ts'
import { mayUse, type Principal } from './access.ts'
import type { RefusalAnswer } from './contract.ts'
import { Dashboard } from './dashboard.ts'
import { ADMIN_ERRORS, AdminError, type AdminErrorCode, type Refusal, toRefusal } from './errors.ts'
import { Fields } from './fields.ts'
import type { Gate } from './gate.ts'
import { resources } from './index.ts'
import { metrics } from './metrics.ts'
import { OpenPages } from './pages.ts'
import { pathPattern } from './path-pattern.ts'
import { parseJson, readBody, readQuery } from './read-input.ts'
import { writeRelay } from './relay.ts'
import type { AdminRequest, ControlPlane, FileAnswer, JsonAnswer, Resource, TextAnswer } from './resource.ts'
import { sessionTokenOf } from './sessions.ts'
import { readVersion, toTag } from './version.ts'

const BODY_LIMIT = 1024 * 1024
const HEADERS_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 15_000
const CHECK_TIMEOUTS_MS = 2_000
const MAX_HEADER_BYTES = 16 * 1024
const MAX_CONNECTIONS = 100
/** An identifier of 200 characters, each of them escaped. */
const MAX_PARAMETER = 2400

/** The control plane's server. Who is not let in by the gate never reaches a route, whatever the request looks like. */
export function createAdminServer(plane: ControlPlane, gate: Gate): FastifyInstance {
  const pages = new OpenPages(resources)
  const dashboard = new Dashboard()
  const principals = new WeakMap<IncomingMessage, Principal>()
  const principalOf = (request: FastifyRequest): Principal => {
    const principal = principals.get(request.raw)
    if (!principal) throw new AdminError('unauthorized', 'Nobody was let in with this request.')
    return principal
  }
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    clientErrorHandler: parserErrorAnswer((message) => refusalAnswer('bad_request', message)),
    routerOptions: { maxParamLength: MAX_PARAMETER },
    // A path that cannot be decoded.
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack()
      refuse(reply.raw, NOT_FOUND)
    },
    serverFactory: (handler) => {
      const server = createHttpServer(
        {
          requestTimeout: REQUEST_TIMEOUT_MS,
          headersTimeout: HEADERS_TIMEOUT_MS,
          connectionsCheckingInterval: CHECK_TIMEOUTS_MS,
          maxHeaderSize: MAX_HEADER_BYTES,
        },
        (request, response) => {
          const misdirection = gate.misdirection(request)
          if (misdirection) return refuse(response, misdirection)
          if (pages.answer(request, response) || dashboard.answer(request, response)) return
          const proceed = (admitted: Principal | Refusal): void => {
            if ('code' in admitted) return refuse(response, admitted)
            principals.set(request, admitted)
            handler(request, response)
          }
          const admitted = isForAll(request, plane) ? ANYBODY : gate.admit(request)
          if (admitted instanceof Promise) void admitted.then(proceed)
          else proceed(admitted)
        },
      )
      server.maxConnections = MAX_CONNECTIONS
      return server
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => {
    if (typeof bytes === 'string' || bytes.length === 0) done(null)
    else parseInto(bytes, done)
  })
  for (const resource of resources) {
    app.route({
      method: resource.method,
      url: resource.path,
      bodyLimit: resource.bodyLimit ?? BODY_LIMIT,
      // Before anything of the body is read.
      onRequest(request, _reply, done): void {
        const principal = principalOf(request)
        if (mayUse(resource.access, principal)) done()
        else done(new AdminError('forbidden', `The role ${principal.role} may not do this.`))
      },
      async handler(request, reply): Promise<void> {
        const asked = readRequest(resource, request, {
          principal: principalOf(request),
          session: sessionOf(request.raw, plane),
        })
        const answer = await resource.handle(asked, plane)
        if (resource.method !== 'GET' && !('relay' in answer)) await plane.changed()
        reply.hijack()
        if ('relay' in answer) await writeRelay(reply.raw, answer.relay)
        else if ('file' in answer) await writeFile(reply.raw, answer)
        else if ('text' in answer) writeText(reply.raw, answer)
        else writeAnswer(reply.raw, answer, resource.status)
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    const path = request.raw.url?.split('?', 1)[0] ?? ''
    const known = resources.filter((resource) => pathPattern(resource.path).test(path))
    if (known.length === 0) refuse(reply.raw, NOT_FOUND)
    else refuse(reply.raw, otherMethods(known))
  })
  app.setErrorHandler((error, _request, reply) => {
    reply.hijack()
    refuse(reply.raw, readFastifyError(error) ?? toRefusal(error))
  })
  return app
}

/** The path as it was sent, and nothing like it. */
function isForAll({ method, url }: IncomingMessage, plane: ControlPlane): boolean {
  return method === 'GET' && url === metrics.path && plane.areMetricsPublic()
}

const ANYBODY: Principal = { name: 'anybody', role: 'viewer' }

function sessionOf(request: IncomingMessage, { sessions }: ControlPlane): AdminRequest['session'] {
  const token = sessionTokenOf(request)
  const session = token === undefined ? undefined : sessions.find(token)
  return session && token !== undefined ? { ...session, token } : undefined
}

function readRequest(
  resource: Resource,
  request: FastifyRequest,
  who: Pick<AdminRequest, 'principal' | 'session'>,
): AdminRequest {
  const { query, body } = resource
  const parameters: unknown = request.params
  const byName = new Fields(Object.fromEntries(Object.entries(parameters ?? {})))
  return {
    ...who,
    query: readQuery(query, searchOf(request.raw)),
    body: body ? readBody(body, request.body) : new Fields({}),
    id: byName.text('id') ?? '',
    accept: request.headers.accept ?? '',
    version: resource.needsVersion ? readVersion(request.headers['if-match']) : 0,
    isSecure: request.headers.origin?.startsWith('https:') === true,
  }
}

function writeAnswer(response: ServerResponse, { body, version, ...answer }: JsonAnswer, status = 200): void {
  const headers = [...(answer.headers ?? []), ...(version === undefined ? [] : ['etag', toTag(version)])]
  writeJson(response, { status, headers, body: JSON.stringify(body) })
}

function writeText(response: ServerResponse, { text, type }: TextAnswer): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

/** Part by part, as fast as the client reads. What fails on the way breaks the connection: a file cut short is told. */
async function writeFile(response: ServerResponse, { file }: FileAnswer): Promise<void> {
  response.writeHead(200, {
    'content-type': file.type,
    'content-disposition': `attachment; filename="${file.name}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  await pipeline(Readable.from(file.parts), response).catch(() => response.destroy())
}

function parseInto(bytes: Buffer, done: (error: Error | null, body?: unknown) => void): void {
  try {
    done(null, parseJson(bytes))
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)))
  }
}

const NOT_FOUND: Refusal = { code: 'not_found', message: 'There is no such path.' }

function otherMethods(known: readonly Resource[]): Refusal {
  const allow = known.map(({ method }) => method).join(', ')
  return { code: 'method_not_allowed', message: `The path has ${allow} only.`, headers: { allow } }
}

function refusalAnswer(code: AdminErrorCode, message: string): RefusalAnswer {
  return { error: { code, message } }
}

/** The rest of such a request is not read, and its connection is not used again. */
function refuse(response: ServerResponse, { code, message, issues = [], headers = {} }: Refusal): void {
  const answer: RefusalAnswer = { error: { code, message, ...(issues.length > 0 && { issues }) } }
  const { status } = ADMIN_ERRORS[code]
  writeJson(response, {
    status,
    headers: ['connection', 'close', ...Object.entries(headers).flat()],
    body: JSON.stringify(answer),
  })
}

/** Fastify's own words about a body may quote it. */
function readFastifyError(error: unknown): Refusal | undefined {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 0
  return BODY_ERRORS[status]
}

const BODY_ERRORS: Readonly<Record<number, Refusal>> = {
  400: { code: 'bad_request', message: 'The body is not what its headers say.' },
  413: { code: 'too_large', message: 'The body is too large.' },
  415: { code: 'unsupported_media_type', message: 'Send the body as application/json.' },
}
