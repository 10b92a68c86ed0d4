import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ClientConnection } from './client-connection.ts'
import { UnderWay } from './under-way.ts'

/** One real request under way: its client's socket and its place on the server. */
async function begin(): Promise<{ client: Socket; connection: ClientConnection }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  onTestFinished(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  const [request, response]: [IncomingMessage, ServerResponse] = await new Promise((resolve) =>
    server.once('request', (...both) => resolve(both)),
  )
  return { client, connection: new ClientConnection(request, response) }
}

function aborted({ signal }: ClientConnection): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))
}

describe('a client connection', () => {
  test('is aborted when the client leaves before its answer', async () => {
    const { client, connection } = await begin()
    const reason = aborted(connection)
    client.destroy()
    await expect(reason).resolves.toMatchObject({ kind: 'canceled', status: 499 })
  })

  test('is aborted when the client leaves within its answer', async () => {
    const { client, connection } = await begin()
    client.resume()
    connection.response.writeHead(200)
    expect(connection.write('begin', () => undefined)).toBe(true)
    const reason = aborted(connection)
    client.destroy()
    await expect(reason).resolves.toMatchObject({ kind: 'canceled' })
  })

  test('is not aborted by an answer that is complete', async () => {
    const { client, connection } = await begin()
    client.resume()
    connection.response.end('all')
    await once(connection.response, 'close')
    expect(connection.signal.aborted).toBe(false)
  })

  test('tells when the client can take no more, and when it can again', async () => {
    const { client, connection } = await begin()
    client.pause()
    const megabyte = Buffer.alloc(1024 * 1024)
    let resumes = 0
    const resumed = new Promise<void>((resolve) => {
      const resume = (): void => {
        resumes++
        resolve()
      }
      for (let i = 0; i < 20 && connection.write(megabyte, resume); i++);
      // A source that has one more chunk in hand does not make it two waits.
      expect(connection.write(megabyte, resume)).toBe(false)
    })
    expect(resumes).toBe(0)
    client.resume()
    await resumed
    await new Promise((resolve) => setImmediate(resolve))
    expect(resumes).toBe(1)
    expect(connection.signal.aborted).toBe(false)
  })
})

test('a write after the end arms no timer', async () => {
  const { connection } = await begin()
  connection.response.destroy()
  await once(connection.response, 'close')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  expect(connection.write('late', () => undefined)).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

describe('the requests under way', () => {
  test('are added and taken off in any order', async () => {
    const underWay = new UnderWay()
    const all = await Promise.all([begin(), begin(), begin(), begin()])
    const [a, b, c, d] = all.map(({ connection }) => connection)
    if (!a || !b || !c || !d) throw new Error('four were begun')
    for (const connection of [a, b, c, d]) underWay.add(connection)
    expect(underWay.size).toBe(4)
    underWay.delete(b)
    expect(new Set(underWay.list())).toEqual(new Set([a, c, d]))
    underWay.delete(d)
    underWay.delete(a)
    expect(underWay.list()).toEqual([c])
    underWay.delete(c)
    expect(underWay.size).toBe(0)
  })

  test('can be ended while they are listed', async () => {
    const underWay = new UnderWay()
    const all = await Promise.all([begin(), begin(), begin()])
    for (const { connection } of all) underWay.add(connection)
    for (const connection of underWay.list()) underWay.delete(connection)
    expect(underWay.size).toBe(0)
  })
})
