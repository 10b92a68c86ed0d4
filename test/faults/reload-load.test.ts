import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask, chatBody, EventStream } from '../support/ask.ts'
import { WAYS_TO_CHANGE } from '../support/change-file.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { chunk, completion, DONE, finish, usage } from '../support/openai-upstream.ts'
import { type Script, Upstream } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'
import { WorkerProbes } from '../support/worker-probes.ts'

/** A hundred with the whole fault table; the fewer here show the same. */
const RELOADS = process.env['GATEWAY_FAULTS'] ? 100 : 30
const REQUESTS_PER_SECOND = 200
const STREAMS = 50
const PIECES = 12
const PIECE_MS = 250
const PATH = '/endpoints/chat/invocations'

/** Streams twelve pieces in three seconds, each with the model that it was asked for. */
const streamSlowly: Script = (turn) => {
  const { model } = turn.entry
  let piece = 0
  turn.startStream()
  const timer = setInterval(() => {
    if (piece < PIECES) {
      turn.write(chunk(`${model}:${piece++} `, model))
      return
    }
    clearInterval(timer)
    turn.write(finish(model) + usage(model) + DONE)
    turn.response.end()
  }, PIECE_MS)
  turn.response.once('close', () => clearInterval(timer))
}

/** Answers after a moment, so that reloads fall into requests. */
const answerSoon: Script = (turn) => {
  const { model, prompt } = turn.entry
  const body = completion(`${model} ${prompt}`, model)
  setTimeout(() => turn.send(200, { 'content-type': 'application/json' }, body), Math.random() * 40)
}

let upstream: Upstream
let gateway: Gateway

/** The n-th configuration: another model and another key, so that other connections are used. */
function config(n: number): string {
  return configText([
    { name: 'chat', base: upstream.url, model: `model-${n}`, key: `key-${n}` },
    ...(n % 2 === 0 ? [{ name: 'even', base: upstream.url }] : []),
  ])
}

beforeAll(async () => {
  upstream = await Upstream.start({ ask: answerSoon, stream: streamSlowly })
  gateway = await Gateway.start(config(0))
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

it(`${RELOADS} reloads under load break no request and no stream`, async () => {
  const probes = await WorkerProbes.open(gateway)
  const load = new Load()
  load.start()
  await waitFor('all streams to be open', () => load.openStreams === STREAMS)
  const began = performance.now()
  const ways = Object.values(WAYS_TO_CHANGE)
  for (let n = 1; n <= RELOADS; n++) {
    await ways[n % ways.length]?.(gateway.configPath, config(n))
    // Most reloads are asked for by signal, some are left to the gateway's own watching.
    if (n % 5 !== 0) gateway.signal('SIGHUP')
    await waitFor(
      `configuration ${n} to be active on all workers`,
      async () => (await probes.models('chat')).every((model) => model === `model-${n}`),
      n % 5 === 0 ? 4000 : 10_000,
    )
    load.reloads = n
  }
  const seconds = (performance.now() - began) / 1000
  await load.finish()

  const perSecond = load.answered / seconds
  process.stderr.write(
    `  ${RELOADS} reloads in ${seconds.toFixed(0)} s under ${perSecond.toFixed(0)} requests per second, ${load.streamed} streams\n`,
  )
  expect(load.failures).toEqual([])
  expect(perSecond).toBeGreaterThan(REQUESTS_PER_SECOND * 0.6)
  // Most streams lived through several configurations.
  expect(load.reloadsSeenByStreams / load.streamed).toBeGreaterThan(2)
  // The provider saw every request once, unbroken, with the key that belongs to its model.
  expect(upstream.ledger.filter(({ abortedAt }) => abortedAt !== undefined)).toEqual([])
  expect(new Set(upstream.ledger.map(({ prompt }) => prompt)).size).toBe(upstream.ledger.length)
  for (const { model, headers } of upstream.ledger) {
    expect(headers.authorization).toBe(`Bearer ${model.replace('model', 'key')}`)
  }
  // The last configuration is in use everywhere, under one number.
  const healths = await probes.health()
  expect(new Set(healths.map(({ config }) => config.generation)).size).toBe(1)
  expect(healths.every(({ config }) => config.error === null)).toBe(true)
  expect(await probes.models('chat')).toEqual([`model-${RELOADS}`, `model-${RELOADS}`])
  expect(gateway.log().filter(({ msg }) => msg === 'worker died')).toEqual([])
  probes.close()
}, 180_000)

/** Clients that ask all the time. */
class Load {
  readonly failures: string[] = []
  answered = 0
  streamed = 0
  openStreams = 0
  /** How many reloads are done. */
  reloads = 0
  /** Summed over all streams: how many reloads each lived through. */
  reloadsSeenByStreams = 0
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })
  readonly #underWay = new Set<Promise<void>>()
  #count = 0
  #isOver = false

  start(): void {
    void this.#askAtRate()
    for (let i = 0; i < STREAMS; i++) this.#track(this.#streamOnAndOn(i))
  }

  async finish(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#underWay)
    this.#agent.destroy()
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => void this.failures.push(String(error)))
      .finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }

  /** By the clock: answers that are late do not slow the requests down. */
  async #askAtRate(): Promise<void> {
    const began = performance.now()
    for (let sent = 0; !this.#isOver;) {
      const due = ((performance.now() - began) / 1000) * REQUESTS_PER_SECOND
      for (; sent < due; sent++) this.#track(this.#ask())
      await sleep(5)
    }
  }

  async #ask(): Promise<void> {
    const prompt = `ask ${++this.#count}`
    // Every fourth request brings a connection of its own.
    const agent = this.#count % 4 === 0 ? false : this.#agent
    const { status, text } = await ask(gateway.url + PATH, { body: chatBody(prompt), agent })
    this.answered++
    const isRight = status === 200 && /"content":"model-\d+ ask \d+"/.exec(text)?.[0].endsWith(` ${prompt}"`)
    if (!isRight) this.failures.push(`${prompt}: ${status} ${text}`)
  }

  async #streamOnAndOn(slot: number): Promise<void> {
    // Not all at once.
    await sleep(slot * 20)
    while (!this.#isOver) await this.#stream()
  }

  async #stream(): Promise<void> {
    const prompt = `stream ${++this.#count}`
    const startedAt = this.reloads
    const stream = await EventStream.open(gateway.url + PATH, chatBody(prompt, { stream: true }))
    this.openStreams++
    await stream.end()
    this.openStreams--
    this.streamed++
    this.reloadsSeenByStreams += this.reloads - startedAt
    const model = /model-\d+/.exec(stream.text)?.[0] ?? ''
    const whole = Array.from({ length: PIECES }, (_, piece) => `${model}:${piece} `).join('')
    const isRight = stream.status === 200 && !stream.isBroken && !stream.error() && stream.content() === whole
    if (!isRight) this.failures.push(`${prompt}: ${stream.status} broken=${stream.isBroken} ${stream.text}`)
  }
}
