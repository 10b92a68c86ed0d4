import { fastify, type FastifyInstance } from 'fastify'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { GatewayError, toGatewayError } from '../core/error.ts'
import { answerParserError } from '../http/parser-error.ts'
import { writeJson } from '../http/write-json.ts'
import type { RefusalAnswer } from './contract.ts'
import type { Gate, Refusal } from './gate.ts'
import { resources } from './index.ts'
import type { ControlPlane } from './resource.ts'

const BODY_LIMIT = 1024 * 1024
const HEADERS_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 15_000
const CHECK_TIMEOUTS_MS = 2_000
const MAX_HEADER_BYTES = 16 * 1024
const MAX_CONNECTIONS = 100

/** The control plane's server. Who is not let in by the gate never reaches a route, whatever the request looks like. */
export function createAdminServer(plane: ControlPlane, gate: Gate): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    clientErrorHandler: answerParserError,
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
          const refusal = gate.refusal(request)
          if (refusal) refuse(response, refusal)
          else handler(request, response)
        },
      )
      server.maxConnections = MAX_CONNECTIONS
      return server
    },
  })
  app.removeContentTypeParser('text/plain')
  for (const resource of resources) {
    app.route({
      method: resource.method,
      url: resource.path,
      async handler(request, reply): Promise<void> {
        const body = JSON.stringify(await resource.answer(plane, request.body))
        reply.hijack()
        writeJson(reply.raw, { status: 200, body })
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    const path = request.raw.url?.split('?', 1)[0]
    const allowed = resources.filter((resource) => resource.path === path).map(({ method }) => method)
    if (allowed.length === 0) refuse(reply.raw, NOT_FOUND)
    else refuse(reply.raw, METHOD_NOT_ALLOWED, { allow: allowed.join(', ') })
  })
  app.setErrorHandler((error, _request, reply) => {
    reply.hijack()
    const { status, message } = error instanceof GatewayError ? error : readFastifyError(error)
    refuse(reply.raw, { status, detail: message })
  })
  return app
}

const NOT_FOUND: Refusal = { status: 404, detail: 'Not Found' }
const METHOD_NOT_ALLOWED: Refusal = { status: 405, detail: 'Method Not Allowed' }

/** The rest of such a request is not read, and its connection is not used again. */
function refuse(
  response: ServerResponse,
  { status, detail }: Refusal,
  more: Record<string, string> = {},
): void {
  const answer: RefusalAnswer = { detail }
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  const headers = { connection: 'close', ...challenge, ...more }
  writeJson(response, { status, headers, body: JSON.stringify(answer) })
}

/** Fastify's own words about a body may quote it. */
function readFastifyError(error: unknown): { status: number; message: string } {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  const message = BODY_ERRORS[status]
  return message === undefined ? toGatewayError(error) : { status, message }
}

const BODY_ERRORS: Readonly<Record<number, string>> = {
  400: 'The body is not valid JSON.',
  413: 'The body is larger than 1 MiB.',
  415: 'Send the body as application/json.',
}
