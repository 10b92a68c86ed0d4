import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UsageRecord } from '../../src/core/usage-record.ts'
import { ask, chatBody, EventStream, RawConnection } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import {
  chunk,
  completion,
  DONE,
  finish,
  opens,
  refuses,
  streams,
  usage,
} from '../support/openai-upstream.ts'
import { signal } from '../support/processes.ts'
import { Upstream, type Script } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'
import { keptRecords } from './kept-records.ts'

/** Five tokens by the rule of thumb. */
const PIECE = 'twenty characters ..'
const MODEL = 'gpt-4o-mini'
const UNTOLD = completion(PIECE, 'gpt-4o-mini-2026').replace(/,"usage":\{[^}]*\}/, '')

function answers(body: string): Script {
  return (turn) => turn.send(200, { 'content-type': 'application/json' }, body)
}

function breaksOff(...writes: string[]): Script {
  return (turn) => {
    turn.startStream()
    for (const bytes of writes) turn.write(bytes)
    turn.response.once('drain', () => turn.socket.destroy())
    turn.response.write('', () => turn.socket.destroy())
  }
}

const folder = mkdtempSync(join(tmpdir(), 'outcomes-'))
let upstream: Upstream
let gateway: Gateway
/** By the route, which has one request each. */
const records = new Map<string, UsageRecord>()

const SCRIPTS: Readonly<Record<string, Script>> = {
  told: answers(completion(PIECE, 'gpt-4o-mini-2026')),
  untold: answers(UNTOLD),
  unpriced: answers(completion(PIECE)),
  'told-stream': streams(chunk(PIECE), finish(), usage(), DONE),
  'untold-stream': streams(chunk(PIECE), chunk(PIECE), finish(), DONE),
  cut: breaksOff(chunk(PIECE), chunk(PIECE), chunk(PIECE)),
  left: opens([PIECE, PIECE]),
  silent: () => undefined,
  failed: refuses(400, 'no'),
  long: opens([PIECE]),
}

function isStreamed(route: string): boolean {
  return /stream|cut|left|long/.test(route)
}

function bodyFor(route: string): string {
  return chatBody(route, { model: route, ...(isStreamed(route) && { stream: true }) })
}

async function send(route: string): Promise<void> {
  const url = `${gateway.url}/v1/chat/completions`
  const body = bodyFor(route)
  if (route === 'silent') {
    const connection = await RawConnection.open(gateway.port)
    connection.socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await upstream.arrival(route)
    connection.socket.destroy()
  } else if (isStreamed(route)) {
    const stream = await EventStream.open(url, body)
    if (route === 'left') stream.leave()
    else if (route !== 'long') await stream.end()
  } else await ask(url, { body })
}

function spoolText(): string {
  const spool = join(folder, 'spool')
  return readdirSync(spool)
    .map((name) => readFileSync(join(spool, name), 'utf8'))
    .join('')
}

beforeAll(async () => {
  upstream = await Upstream.start(SCRIPTS)
  const routes = Object.keys(SCRIPTS).map((name) => ({
    name,
    base: upstream.url,
    model: name === 'unpriced' ? 'nobody-knows' : MODEL,
  }))
  gateway = await Gateway.start(configText(routes), {
    workers: 1,
    env: { MLFLOW_GATEWAY_DATA_DIR: folder, LOG_LEVEL: 'error' },
  })
  for (const route of Object.keys(SCRIPTS)) await send(route)
  await waitFor('a line of the long request', () => spoolText().includes('{"open":'))
  const [worker = 0] = gateway.workers()
  signal(worker, 'SIGKILL')
  await waitFor('another worker', () => {
    const [next] = gateway.workers()
    return next !== undefined && next !== worker
  })
  gateway.signal('SIGTERM')
  await gateway.exited
  for (const record of await keptRecords(folder)) records.set(record.route ?? '', record)
}, 60_000)

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('every request has its record', () => {
  expect([...records.keys()].toSorted()).toEqual(Object.keys(SCRIPTS).toSorted())
})

test.each<[string, Partial<UsageRecord>, { input?: number; output: number } | null]>([
  ['told', { outcome: 'ok', isEstimated: false, modelServed: 'gpt-4o-mini-2026' }, { input: 5, output: 3 }],
  ['untold', { outcome: 'ok', isEstimated: true, modelServed: 'gpt-4o-mini-2026' }, { output: 5 }],
  ['unpriced', { costUsd: null, priceVersion: null, model: 'nobody-knows' }, { input: 5, output: 3 }],
  ['told-stream', { outcome: 'ok', isEstimated: false, modelServed: 'gpt' }, { input: 11, output: 7 }],
  ['untold-stream', { outcome: 'ok', isEstimated: true }, { output: 10 }],
  ['cut', { outcome: 'cut', status: 200, isEstimated: true, error: 'truncated' }, { output: 15 }],
  ['left', { outcome: 'canceled', status: 499, isEstimated: true }, { output: 10 }],
  ['silent', { outcome: 'canceled', status: 499, isEstimated: true }, { output: 0 }],
  ['failed', { outcome: 'error', status: 400, costUsd: null, tokens: null }, null],
  ['long', { outcome: 'aborted', status: 200, costUsd: null, tokens: null }, null],
])('%s: outcome, tokens and cost are of what was used', (route, fields, tokens) => {
  const record = records.get(route)
  expect(record).toMatchObject({ route, attempts: [{ route }], ...fields })
  if (!tokens) return
  // Four bytes are taken for a token.
  const { input = Math.ceil(bodyFor(route).length / 4), output } = tokens
  expect(record?.tokens).toMatchObject({ input, output })
  if (fields.costUsd === undefined) {
    expect(record?.costUsd).toBeCloseTo((input * 0.15 + output * 0.6) / 1e6, 9)
    expect(record?.priceVersion).toMatch(/^[0-9a-f]{12}$/)
  }
})
