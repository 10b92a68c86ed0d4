import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accepts, ask, chatBody, EventStream } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { freePort, Gateway } from '../support/gateway.ts'
import { chunk, DONE, finish, opens, says } from '../support/openai-upstream.ts'
import { cpuTicks, isRunning, signal } from '../support/processes.ts'
import { type Turn, Upstream } from '../support/upstream.ts'
import { waitFor, within } from '../support/wait.ts'

const PATH = '/endpoints/chat/invocations'
const REPLACED_MS = 2000

let upstream: Upstream
let gateway: Gateway
let turns: Map<string, Turn>

beforeEach(async () => {
  turns = new Map()
  upstream = await Upstream.start({
    hello: says('hello'),
    stream: opens(['first '], (turn) => turns.set(turn.entry.prompt, turn)),
  })
  // With port 0 the port would be another one after a moment without any worker.
  gateway = await Gateway.start(configText([{ name: 'chat', base: upstream.url }]), {
    arguments: ['--config-path', '{config}', '--port', String(await freePort())],
  })
})

afterEach(async () => {
  await gateway?.stop()
  await upstream?.close()
})

/** Two workers accept requests, none of them `dead`. */
async function replaced(dead: number): Promise<number> {
  const from = performance.now()
  await waitFor(
    `worker ${dead} to be replaced`,
    async () => {
      const pids = gateway.workers()
      return pids.length === 2 && !pids.includes(dead) && (await gateway.healthOfAll()).length === 2
    },
    REPLACED_MS,
  )
  return performance.now() - from
}

describe('a worker that is killed', () => {
  it('is replaced within 2 s while the other serves on', async () => {
    const [first = 0] = gateway.workers()
    const outcomes: { at: number; status: number | string }[] = []
    const over = new AbortController()
    const client = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const at = performance.now()
        const answer = await ask(gateway.url + PATH, { body: chatBody('hello') }).catch(String)
        outcomes.push({ at, status: typeof answer === 'string' ? answer : answer.status })
        await sleep(10)
      }
    }
    const clients = Array.from({ length: 3 }, client)
    await waitFor('some answers', () => outcomes.length > 30)
    const killedAt = performance.now()
    signal(first, 'SIGKILL')
    const took = await replaced(first)
    over.abort()
    await Promise.all(clients)
    process.stderr.write(`  worker replaced after ${took.toFixed(0)} ms\n`)
    // Only what was under way on the dead worker may fail: at most one request of each client.
    const failed = outcomes.filter(({ status }) => status !== 200)
    expect(failed.length).toBeLessThanOrEqual(clients.length)
    for (const { at } of failed) expect(at).toBeLessThanOrEqual(killedAt + 50)
    expect(outcomes.filter(({ at, status }) => at > killedAt && status === 200).length).toBeGreaterThan(10)
    expect(gateway.log()).toContainEqual(
      expect.objectContaining({ msg: 'worker died', worker: first, how: 'SIGKILL' }),
    )
  })

  it('breaks its own streams alone', async () => {
    const prompts = Array.from({ length: 16 }, (_, index) => `stream ${index}.`)
    const streams = await Promise.all(
      prompts.map((prompt) => EventStream.open(gateway.url + PATH, chatBody(prompt, { stream: true }))),
    )
    await Promise.all(streams.map((stream) => stream.sees('first')))
    const [first = 0] = gateway.workers()
    signal(first, 'SIGKILL')
    await waitFor('the worker to be gone', () => !isRunning(first))
    // The kernel closes the dead worker's sockets: its clients and its provider calls end.
    await replaced(first)
    for (const turn of turns.values()) {
      if (turn.response.destroyed) continue
      turn.write(chunk('last') + finish() + DONE)
      turn.response.end()
    }
    await Promise.all(streams.map((stream) => stream.end()))
    for (const [index, stream] of streams.entries()) {
      const wasCut = upstream.of(prompts[index] ?? '')[0]?.abortedAt !== undefined
      expect(stream.isBroken).toBe(wasCut)
      expect(stream.content()).toBe(wasCut ? 'first ' : 'first last')
    }
  })

  it('again and again is started slower and slower, and without spinning', async () => {
    const before = cpuTicks(gateway.pid)
    const began = performance.now()
    const killed = new Set<number>()
    await waitFor('four seconds of killing', () => {
      for (const pid of gateway.workers()) {
        signal(pid, 'SIGKILL')
        killed.add(pid)
      }
      return performance.now() - began > 4000
    })
    // Without a pause between starts it would be dozens.
    expect(killed.size).toBeGreaterThan(2)
    expect(killed.size).toBeLessThan(20)
    const delays = gateway
      .log()
      .filter(({ msg }) => msg === 'worker died')
      .map(({ delay_ms: delay }) => Number(delay))
    expect(Math.max(...delays)).toBeGreaterThanOrEqual(500)
    expect(cpuTicks(gateway.pid) - before).toBeLessThan(200)
    expect(isRunning(gateway.pid)).toBe(true)
    // Left alone, it recovers.
    await waitFor(
      'the gateway to serve again',
      async () => (await ask(`${gateway.url}/health`).catch(() => undefined))?.status === 200,
      15_000,
    )
  }, 30_000)

  it('is not ended by SIGTERM, which service managers send to the whole group: the primary ends it in order', async () => {
    const workers = gateway.workers()
    for (const pid of workers) signal(pid, 'SIGTERM')
    expect((await ask(`${gateway.url}/health`)).status).toBe(200)
    expect(gateway.workers()).toEqual(workers)
  })
})

it('workers that cannot listen again, because the port was taken meanwhile, do so once it is free', async () => {
  for (const pid of gateway.workers()) signal(pid, 'SIGKILL')
  const thief = await waitFor('the port to be ours', () => takePort(gateway.port), 2000)
  await waitFor('the gateway to notice', () =>
    gateway.log().some(({ msg }) => msg === 'a worker could not start'),
  )
  await new Promise((resolve) => {
    thief.close(resolve)
  })
  const answer = await waitFor('the gateway to serve again', () =>
    ask(`${gateway.url}/health`).catch(() => undefined),
  )
  expect(answer.status).toBe(200)
})

/** A server on this port, or undefined while another has it. */
function takePort(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

describe('the primary that is killed', () => {
  it('leaves no worker behind within 2 s, and the port is free', async () => {
    const workers = gateway.workers()
    expect(workers).toHaveLength(2)
    const stream = await EventStream.open(gateway.url + PATH, chatBody('stream', { stream: true }))
    await stream.sees('first')
    gateway.signal('SIGKILL')
    await waitFor('the workers to be gone', () => !workers.some(isRunning), 2000)
    // The last thread of a process that is shown as gone may still hold its sockets for a moment.
    await waitFor('the port to be free', async () => !(await accepts(gateway.port)), 2000)
    await within('the stream to break', stream.done, 2000)
    await upstream.abortion('stream')
  })

  it('can be started again on the same port at once', async () => {
    const workers = gateway.workers()
    gateway.signal('SIGKILL')
    await waitFor('the workers to be gone', () => !workers.some(isRunning), 2000)
    const next = await Gateway.start(configText([{ name: 'chat', base: upstream.url }]), {
      arguments: ['--config-path', '{config}', '--port', String(gateway.port)],
    })
    try {
      expect((await ask(next.url + PATH, { body: chatBody('hello') })).status).toBe(200)
    } finally {
      await next.stop()
    }
  })
})
