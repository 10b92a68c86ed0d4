import { Gate } from '../auth/gate.ts'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gate } from '../../test/scripted-server.ts'
import { GatewayError } from '../core/error.ts'
import type { RouteInfo } from '../core/route.ts'
import { mlflow } from '../dialects/mlflow/index.ts'
import type { CallRecord } from '../gateway/record.ts'
import { CurrentRuntime, Runtime } from '../gateway/runtime.ts'
import { makeRoute } from '../../test/support/plan.ts'
import { createServer } from './server.ts'
import { UnderWay } from './under-way.ts'

const QUERY = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"messages":[{"role":"user","content":"hi"}]}',
}
const PATH = '/gateway/chat/invocations'
const REFUSAL = new GatewayError("'{parameter}' is too high.", {
  kind: 'rate_limit',
  status: 429,
  parameter: 'candidates',
  retryAfter: '7',
})

interface Serving {
  port: number
  underWay: UnderWay
  /** Of the first request that is finished. */
  record: Promise<CallRecord>
}

/** A server whose one route always refuses. */
async function serve(): Promise<Serving> {
  const info: RouteInfo = { name: 'chat', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } }
  const route = makeRoute(info, () => Promise.reject(REFUSAL))
  const settings = { invocationsShape: 'mlflow', bodyLimit: 1000 } as const
  const underWay = new UnderWay()
  let finish: (record: CallRecord) => void = () => undefined
  const record = new Promise<CallRecord>((resolve) => (finish = resolve))
  const server = createServer({
    dialects: [mlflow],
    runtime: new CurrentRuntime(
      new Runtime({ generation: 1, gate: new Gate(undefined), settings, routes: [route] }),
    ),
    record: finish,
    health: () => ({ ready: true, config: { generation: 1, loadedAt: '', error: null } }),
    underWay,
  })
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  onTestFinished(() => server.close())
  return { port: Number(port), underWay, record }
}

/** A request whose body is not complete yet, and that the server knows. */
async function beginUpload({
  port,
  underWay,
}: Serving): Promise<{ socket: Socket; answer: Promise<string> }> {
  const known = gate()
  const add = underWay.add.bind(underWay)
  underWay.add = (connection): void => {
    add(connection)
    known.open()
  }
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const answer = once(socket, 'close').then(() => text)
  socket.write(`POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\n{"messages"`)
  await known.opened
  return { socket, answer }
}

describe('the record of a request', () => {
  test('has the path without its query, which may hold a credential', async () => {
    const { port, record } = await serve()
    await fetch(`http://127.0.0.1:${port}${PATH}?key=sk-canary`, QUERY)
    await expect(record).resolves.toMatchObject({ path: PATH, status: 429 })
  })

  test.each(['end', 'destroy'] as const)('tells a client that left during its upload: %s', async (how) => {
    const serving = await serve()
    const { socket } = await beginUpload(serving)
    socket[how]()
    await expect(serving.record).resolves.toMatchObject({ status: 499, error: { kind: 'canceled' } })
  })
})

test('a shutdown during an upload is told to the client', async () => {
  const serving = await serve()
  const { answer } = await beginUpload(serving)
  const reason = new GatewayError('The gateway is shutting down.', { kind: 'draining', status: 503 })
  for (const { signal } of serving.underWay.list()) signal.abort(reason)
  await expect(serving.record).resolves.toMatchObject({ status: 503, error: { kind: 'draining' } })
  const text = await answer
  expect(text).toMatch(/^HTTP\/1\.1 503 /)
  expect(text).toContain('shutting down')
})

test('bytes that are no HTTP are refused in JSON', async () => {
  const { port } = await serve()
  const socket = connect(port, '127.0.0.1')
  socket.write('nonsense\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/json\r\n/)
  expect(text).toContain('{"detail":"The request is not valid HTTP."}')
})

test("a refusal in the client's own words keeps when to try again", async () => {
  const { port } = await serve()
  const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, QUERY)
  expect(answer.status).toBe(429)
  expect(answer.headers.get('retry-after')).toBe('7')
  expect(await answer.json()).toEqual({ detail: "'candidate_count' is too high." })
})
