import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Certificate, makeCertificate } from '../rig/certificate.ts'
import { listen } from '../../support/listen.ts'
import { FaultStage, type RouteSpec } from '../rig/stage.ts'

const TWO = { at: 'two' } as const

/** What is wrong with each server's certificate or handshake; nothing with the first. */
const BAD = ['self-signed', 'expired', 'not-yet-valid', 'wrong-host', 'truncated', 'no-tls'] as const

let folder: string
let stage: FaultStage
const servers: Server[] = []
const open = new Set<Socket>()

/** A server of TLS before provider one: what comes through goes to it. */
async function serve({ cert, key }: Certificate): Promise<number> {
  const server = createTlsServer({ cert, key }, (socket) => {
    const inner = connect(stage.one.provider.port, '127.0.0.1')
    for (const end of [socket, inner]) {
      open.add(end)
      end.on('error', () => undefined)
      end.once('close', () => {
        socket.destroy()
        inner.destroy()
      })
    }
    socket.pipe(inner).pipe(socket)
  })
  server.on('tlsClientError', () => undefined)
  servers.push(server)
  return listen(server)
}

/** A server that stops in the middle of its hello. */
async function serveTruncated(): Promise<number> {
  // The head of a handshake record of 512 bytes, and no more of it.
  const beginning = Buffer.from('16030302000200', 'hex')
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(beginning))
  })
  servers.push(server)
  return listen(server)
}

beforeAll(async () => {
  const authority = makeCertificate({ name: 'test authority', isAuthority: true })
  const issued = { name: 'localhost', issuer: authority }
  const ports = {
    good: await serve(makeCertificate(issued)),
    'self-signed': await serve(makeCertificate({ name: 'localhost' })),
    expired: await serve(makeCertificate({ ...issued, fromDay: -20, toDay: -2 })),
    'not-yet-valid': await serve(makeCertificate({ ...issued, fromDay: 2, toDay: 20 })),
    'wrong-host': await serve(makeCertificate({ ...issued, name: 'elsewhere.example' })),
    truncated: await serveTruncated(),
  }
  folder = await mkdtemp(join(tmpdir(), 'gateway-tls-'))
  const path = join(folder, 'authority.pem')
  await writeFile(path, authority.cert)
  const secure = (name: string, port: number): RouteSpec => ({
    name,
    targets: [{ at: 'one', url: `https://localhost:${port}` }],
  })
  // The plain server of another stage's kind: TLS is spoken to what does not speak it.
  const plain = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'))
  })
  servers.push(plain)
  const routes: RouteSpec[] = [
    ...Object.entries(ports).map(([name, port]) => secure(name, port)),
    secure('no-tls', await listen(plain)),
    { name: 'no-name', targets: [{ at: 'one', url: 'http://nowhere.invalid' }] },
    { name: 'no-name-pair', targets: [{ at: 'one', url: 'http://nowhere.invalid' }, TWO] },
    { name: 'bad-pair', targets: [{ at: 'one', url: `https://localhost:${ports.expired}` }, TWO] },
  ]
  stage = await FaultStage.start(routes, { NODE_EXTRA_CA_CERTS: path })
})

afterAll(async () => {
  await stage?.close()
  for (const socket of open) socket.destroy()
  for (const server of servers) server.close()
  if (folder) await rm(folder, { recursive: true })
})

beforeEach(() => stage.mend())

it('F31: a good certificate of an authority that is trusted is taken', async () => {
  const { outcomes, ends } = await stage.play({
    row: 31,
    fault: 'TLS: none, for comparison',
    expected: 'answered',
    routes: ['good'],
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
})

it.each(BAD)('F31: TLS, %s: 502, and nothing is sent', async (name) => {
  const { outcomes, ends } = await stage.play({
    row: 31,
    fault: `TLS: ${name}`,
    expected: '502; the provider gets no request, in TLS or without',
    routes: [name],
    requests: 12,
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '502 error': outcomes.length })
  expect(stage.one.provider.ledger).toEqual([])
  for (const { body } of outcomes) expect(body.toString()).not.toMatch(/localhost|certificate|127\.0/i)
})

it('F31: another target answers in its place', async () => {
  const { outcomes, ends } = await stage.play({
    row: 31,
    fault: 'TLS: expired; there is another target',
    expected: 'answered by the other',
    routes: ['bad-pair'],
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
})

// A resolver that is slow, fails with SERVFAIL or changes its mind cannot be put on loopback: names are looked up by
// the system. The connect timeout holds for all of them, as for F2: it is the gateway's own clock.
it('F32: a name that does not exist is an error within the connect timeout', async () => {
  const { outcomes } = await stage.play({
    row: 32,
    fault: 'DNS: the name does not exist',
    expected: '502 (504 where the resolver takes longer than the connect timeout)',
    routes: ['no-name'],
    maxUnseenAttempts: Infinity,
  })
  for (const { status, verdict, body, totalMs } of outcomes) {
    expect([502, 504]).toContain(status)
    expect(verdict.kind).toBe('error')
    expect(body.toString()).not.toContain('nowhere')
    // The total timeout ends what several look-ups in a row might take.
    expect(totalMs).toBeLessThan(9_000)
  }
})

it('F32: another target answers in its place', async () => {
  const { outcomes, ends } = await stage.play({
    row: 32,
    fault: 'DNS: the name does not exist; there is another target',
    expected: 'answered by the other',
    routes: ['no-name-pair'],
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
})
