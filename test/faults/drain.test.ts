import { Agent } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accepts, ask, chatBody, EventStream, RawConnection } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { chunk, completion, DONE, finish, opens, says } from '../support/openai-upstream.ts'
import { isRunning, signal } from '../support/processes.ts'
import { type Turn, Upstream } from '../support/upstream.ts'
import { waitFor, within } from '../support/wait.ts'

const PATH = '/endpoints/chat/invocations'

let upstream: Upstream
let gateway: Gateway | undefined
/** Open turns at the provider, by prompt. */
let turns: Map<string, Turn>

beforeEach(async () => {
  turns = new Map()
  const keep = (turn: Turn): void => void turns.set(turn.entry.prompt, turn)
  upstream = await Upstream.start({ hello: says('hello'), answer: keep, stream: opens(['first '], keep) })
})

afterEach(async () => {
  await gateway?.stop()
  await upstream.close()
  gateway = undefined
})

async function start(drainTimeout: string, workers = 2): Promise<Gateway> {
  gateway = await Gateway.start(
    configText([{ name: 'chat', base: upstream.url }], `{ drain_timeout: ${drainTimeout} }`),
    { workers },
  )
  return gateway
}

/** Nothing of it is left: neither a process nor the port. */
async function expectGone(gateway: Gateway, workers: readonly number[]): Promise<void> {
  expect(workers.filter(isRunning)).toEqual([])
  expect(await accepts(gateway.port)).toBe(false)
}

function openStream(gateway: Gateway, prompt: string): Promise<EventStream> {
  return EventStream.open(gateway.url + PATH, chatBody(prompt, { stream: true }))
}

describe('SIGTERM', () => {
  it('refuses new connections, lets requests and streams finish, and exits with 0', async () => {
    const gateway = await start('30s')
    const workers = gateway.workers()
    const streams = await Promise.all(
      ['stream 1', 'stream 2', 'stream 3'].map((prompt) => openStream(gateway, prompt)),
    )
    const answers = ['answer 1', 'answer 2', 'answer 3'].map((prompt) =>
      ask(gateway.url + PATH, { body: chatBody(prompt) }),
    )
    await waitFor('all requests at the provider', () => turns.size === 6)
    const signalled = performance.now()
    gateway.signal('SIGTERM')
    await waitFor('the port to be closed', async () => !(await accepts(gateway.port)), 2000)
    for (const stream of streams) await stream.sees('first')
    for (const [prompt, turn] of turns) {
      if (prompt.startsWith('answer')) {
        turn.send(200, { 'content-type': 'application/json' }, completion(prompt))
      } else {
        turn.write(chunk('last') + finish() + DONE)
        turn.response.end()
      }
    }
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(200)
      expect(answer.text).toContain('"content":"answer ')
    }
    for (const stream of streams) {
      await stream.end()
      expect(stream.isBroken).toBe(false)
      expect(stream.error()).toBeUndefined()
      expect(stream.content()).toBe('first last')
    }
    expect(await within('the gateway to exit', gateway.exited, 5000)).toEqual({ code: 0, signal: null })
    // It went because all was done, not because its time was up.
    expect(performance.now() - signalled).toBeLessThan(15_000)
    await expectGone(gateway, workers)
    // What was under way is in the log, too.
    expect(
      gateway.log().filter(({ msg, status, error }) => msg === 'request' && status === 200 && !error),
    ).toHaveLength(6)
  })

  it('makes /readyz say 503 while /livez says 200', async () => {
    const gateway = await start('30s', 1)
    const stream = await openStream(gateway, 'stream 1')
    // Requests that have begun: an idle connection would be closed.
    const ready = await RawConnection.open(gateway.port)
    const live = await RawConnection.open(gateway.port)
    ready.socket.write('GET /readyz HTTP/1.1\r\nhost: a\r\n')
    live.socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n')
    expect((await ask(`${gateway.url}/readyz`)).status).toBe(200)
    gateway.signal('SIGTERM')
    await waitFor('the port to be closed', async () => !(await accepts(gateway.port)), 2000)
    expect(await ready.status('\r\n')).toBe(503)
    expect(ready.received).toContain('draining')
    expect(await live.status('\r\n')).toBe(200)
    stream.leave()
    expect(await within('the gateway to exit', gateway.exited, 5000)).toMatchObject({ code: 0 })
  })

  it('ends what takes longer than server.drain_timeout with an error event, and exits with 0', async () => {
    const gateway = await start('1s')
    const workers = gateway.workers()
    const stream = await openStream(gateway, 'stream 1')
    const answer = ask(gateway.url + PATH, { body: chatBody('answer 1') })
    await waitFor('all requests at the provider', () => turns.size === 2)
    const signalled = performance.now()
    gateway.signal('SIGTERM')
    await stream.end()
    expect(performance.now() - signalled).toBeGreaterThan(900)
    expect(stream.isBroken).toBe(false)
    expect(stream.content()).toBe('first ')
    expect(stream.error()).toMatchObject({
      type: 'draining',
      message: expect.stringContaining('shutting down'),
    })
    expect((await answer).status).toBe(503)
    expect(await within('the gateway to exit', gateway.exited, 5000)).toEqual({ code: 0, signal: null })
    await expectGone(gateway, workers)
    await Promise.all([upstream.abortion('stream 1'), upstream.abortion('answer 1')])
  })

  it('is not held up by idle connections and half-sent requests', async () => {
    const gateway = await start('30s')
    const workers = gateway.workers()
    const agent = new Agent({ keepAlive: true })
    const idle = await Promise.all(Array.from({ length: 4 }, () => ask(`${gateway.url}/health`, { agent })))
    expect(idle.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const mute = await RawConnection.open(gateway.port)
    const half = await RawConnection.open(gateway.port)
    half.socket.write(`POST ${PATH} HTTP/1.1\r\nhost: a\r\ncont`)
    const asked = await RawConnection.open(gateway.port)
    await asked.status('GET /health HTTP/1.1\r\nhost: a\r\n\r\n')
    gateway.signal('SIGTERM')
    expect(await within('the gateway to exit', gateway.exited, 4000)).toEqual({ code: 0, signal: null })
    await Promise.all([mute.closed, half.closed, asked.closed])
    agent.destroy()
    await expectGone(gateway, workers)
  })

  it('ends at once when it comes a second time', async () => {
    const gateway = await start('30s')
    const workers = gateway.workers()
    const stream = await openStream(gateway, 'stream 1')
    gateway.signal('SIGTERM')
    await waitFor('the port to be closed', async () => !(await accepts(gateway.port)), 2000)
    gateway.signal('SIGTERM')
    const { code } = await within('the gateway to exit', gateway.exited, 2000)
    expect(code).toBe(1)
    await stream.end()
    expect(stream.isBroken).toBe(true)
    await waitFor('the workers to be gone', () => !workers.some(isRunning), 2000)
    await expectGone(gateway, workers)
  })

  it.each([
    ['new connections', false],
    ['kept connections', true],
  ])(
    'breaks no request of clients that keep coming on %s until the port is closed',
    async (_name, keepAlive) => {
      const gateway = await start('30s')
      const outcomes: string[] = []
      const over = new AbortController()
      const client = async (): Promise<void> => {
        const agent = keepAlive ? new Agent({ keepAlive, maxSockets: 1 }) : false
        while (!over.signal.aborted) {
          try {
            outcomes.push(String((await ask(gateway.url + PATH, { body: chatBody('hello'), agent })).status))
          } catch (error) {
            outcomes.push(error instanceof Error && 'code' in error ? String(error.code) : String(error))
          }
        }
      }
      const clients = Array.from({ length: 4 }, client)
      await waitFor('some answers', () => outcomes.length > 50)
      gateway.signal('SIGTERM')
      expect(await within('the gateway to exit', gateway.exited, 5000)).toMatchObject({ code: 0 })
      over.abort()
      await Promise.all(clients)
      const answered = outcomes.filter((outcome) => outcome === '200').length
      expect(answered).toBeGreaterThan(50)
      // A connection that waited in the kernel when the port closed is reset; it was never accepted.
      expect(outcomes.filter((outcome) => !['200', 'ECONNREFUSED', 'ECONNRESET'].includes(outcome))).toEqual(
        [],
      )
      expect(outcomes.filter((outcome) => outcome === 'ECONNRESET').length).toBeLessThanOrEqual(4)
    },
  )
})

it('a signal to the whole group of processes is the same as one to the primary', async () => {
  const gateway = await start('30s')
  const stream = await openStream(gateway, 'stream')
  await stream.sees('first')
  for (const pid of [...gateway.workers(), gateway.pid]) signal(pid, 'SIGTERM')
  await waitFor('the port to be closed', async () => !(await accepts(gateway.port)), 2000)
  const turn = turns.get('stream')
  turn?.write(chunk('last') + finish() + DONE)
  turn?.response.end()
  await stream.end()
  expect(stream.content()).toBe('first last')
  expect(await within('the gateway to exit', gateway.exited, 5000)).toEqual({ code: 0, signal: null })
})

it('SIGINT ends the gateway in order, too', async () => {
  const gateway = await start('30s')
  gateway.signal('SIGINT')
  expect(await within('the gateway to exit', gateway.exited, 5000)).toEqual({ code: 0, signal: null })
})

it('SIGUSR1 opens no debugger, and SIGHUP does not end it', async () => {
  const gateway = await start('30s')
  for (const pid of [gateway.pid, ...gateway.workers()]) process.kill(pid, 'SIGUSR1')
  gateway.signal('SIGHUP')
  for (let i = 0; i < 5; i++)
    expect((await ask(gateway.url + PATH, { body: chatBody('hello') })).status).toBe(200)
  expect(gateway.stderr).not.toContain('Debugger')
})
