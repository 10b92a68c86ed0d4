import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chatBody } from '../../support/ask.ts'
import { Gateway } from '../../support/gateway.ts'
import { within } from '../../support/wait.ts'
import { Crowd } from '../rig/crowd.ts'

const YAML = `routes: [{ name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }]\n`
const HEADERS_MS = 10_000
const BODY = chatBody('hi', { model: 'chat', max_tokens: 16 })
const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(BODY)}\r\n`

let gateway: Gateway
beforeAll(async () => {
  gateway = await Gateway.start(YAML, { workers: 2 })
})
afterAll(() => gateway?.stop())

/** A connection, and all that came on it. */
async function open(
  options: { allowHalfOpen?: boolean } = {},
): Promise<{ socket: Socket; got: () => string }> {
  const socket = connect({ port: gateway.port, host: '127.0.0.1', ...options })
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return { socket, got: () => text }
}

/** Plays it while others ask; none of them may notice. */
async function play(fault: string, expected: string, work: () => Promise<void>): Promise<void> {
  const crowd = new Crowd(gateway)
  await crowd.during(work, { clients: 4 })
  expect(Object.keys(crowd.ends)).toEqual(['200'])
  expect(gateway.workers()).toHaveLength(2)
  crowd.report({ row: 51, fault, expected })
}

function closed(socket: Socket, withinMs: number): Promise<unknown> {
  return within(
    'the connection to be closed',
    socket.closed ? Promise.resolve([]) : once(socket, 'close'),
    withinMs,
  )
}

it('51: headers that come byte by byte', async () => {
  await play('a hundred clients send a byte of their headers each second', 'closed after 10 s', async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, () => open()))
    let at = 0
    const timer = setInterval(() => {
      at += 1
      for (const { socket } of slow) socket.write(HEAD[at] ?? 'x')
    }, 1_000)
    for (const { socket } of slow) socket.write(HEAD[0] ?? '')
    // Node looks for late ones every so often.
    await Promise.all(slow.map(({ socket }) => closed(socket, HEADERS_MS + 35_000)))
    clearInterval(timer)
    for (const { got } of slow) expect(got()).toMatch(/^(HTTP\/1\.1 408|$)/)
  })
})

it('51: a hundred requests in one go on one connection', async () => {
  await play('100 pipelined requests', 'answered in their order', async () => {
    const { socket, got } = await open()
    const ids = Array.from({ length: 100 }, (_, index) => index)
    socket.write(
      ids
        .map((id) => {
          const body = chatBody(`number ${id}`, { model: id % 10 === 9 ? 'nowhere' : 'chat' })
          return (
            HEAD.replace(/content-length: \d+/, `content-length: ${Buffer.byteLength(body)}`) + `\r\n${body}`
          )
        })
        .join(''),
    )
    await within(
      'all answers',
      (async () => {
        while ((got().match(/HTTP\/1\.1 \d/g) ?? []).length < ids.length) await sleep(20)
      })(),
      20_000,
    )
    const statuses = (got().match(/HTTP\/1\.1 \d{3}/g) ?? []).map((line) => line.slice(-3))
    expect(statuses).toEqual(ids.map((id) => (id % 10 === 9 ? '404' : '200')))
    socket.destroy()
  })
})

it('51: 100-continue', async () => {
  await play('Expect: 100-continue', 'told to go on, then answered', async () => {
    const { socket, got } = await open()
    socket.write(`${HEAD}expect: 100-continue\r\n\r\n`)
    await within('the interim answer', once(socket, 'data'), 5_000)
    expect(got()).toMatch(/^HTTP\/1\.1 100 Continue/)
    socket.write(BODY)
    await within('the answer', once(socket, 'data'), 5_000)
    expect(got()).toContain('HTTP/1.1 200')
    socket.destroy()
  })
})

it('51: a client that says it is done writing still gets its answer', async () => {
  await play('half-closed connections', 'answered', async () => {
    const { socket, got } = await open({ allowHalfOpen: true })
    socket.end(`${HEAD}\r\n${BODY}`)
    await closed(socket, 10_000)
    expect(got()).toContain('HTTP/1.1 200')
  })
})

it('51: clients that leave at every point of their request', async () => {
  await play('clients leave after each byte of a request', 'nothing is left of them', async () => {
    const request = `${HEAD}\r\n${BODY}`
    for (let length = 0; length <= request.length; length += 3) {
      const { socket } = await open()
      socket.write(request.slice(0, length))
      if (length % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }
    expect(await gateway.healthOfAll()).toHaveLength(2)
  })
})
