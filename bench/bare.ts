/**
 * The bare reference proxy: the least that a proxy which understands JSON can do on Node. node:http in, undici out,
 * the request and a whole response parsed and written again, a stream piped. No log, no validation, no routing.
 *
 * Functions are only declared at the top: development loaders wrap every named inner function, and that cost would
 * count as the proxy's.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { announcePort } from './announce-port.ts'

const { values } = parseArgs({
  options: { upstream: { type: 'string' }, port: { type: 'string', default: '0' } },
})
if (values.upstream === undefined) throw new Error('bare.ts: --upstream http://host:port is missing')

const pool = new Pool(values.upstream, { connections: 2048, pipelining: 1 })

const server = createServer((request, response) => {
  proxy(request, response).catch((error: unknown) => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502).end(String(error))
  })
})
server.keepAliveTimeout = 600_000
announcePort(server, Number(values.port))

async function proxy(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = JSON.stringify(JSON.parse(await readText(request)))
  const reply = await pool.request({
    method: 'POST',
    path: request.url ?? '/',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body,
  })
  const contentType = reply.headers['content-type'] ?? 'application/json'
  if (contentType === 'text/event-stream') {
    response.writeHead(reply.statusCode, { 'content-type': contentType })
    reply.body.pipe(response)
    return
  }
  const answer = Buffer.from(JSON.stringify(JSON.parse(await reply.body.text())))
  response.writeHead(reply.statusCode, { 'content-type': contentType, 'content-length': answer.length })
  response.end(answer)
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => resolve(Buffer.concat(parts).toString()))
    request.on('error', reject)
  })
}
