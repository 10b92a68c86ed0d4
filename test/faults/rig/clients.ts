import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { judge } from './judge.ts'
import { markerOf } from './marker.ts'
import type { Outcome, Shot } from './outcome.ts'
import { Random } from './random.ts'
import { SPEECHES } from './speech.ts'
import type { WireDialect } from './wire-bodies.ts'

/** What a load is made of. */
export interface LoadPlan {
  readonly seed: number
  readonly requests: number
  readonly ratePerSecond: number
  readonly routes: readonly string[]
  /** All three unless given. */
  readonly dialects?: readonly WireDialect[]
  /** The share of requests that want a stream, 0 to 1; half of them unless given. */
  readonly streamShare?: number
  /** How many tenants ask; each has a credential of its own. */
  readonly tenants?: number
  /** The number of the first request, so that several loads can share one ledger. */
  readonly firstNumber?: number
  /** The share of clients that leave at some time up to `leaveWithinMs` after they asked. */
  readonly leaveShare?: number
  readonly leaveWithinMs?: number
}

/** How long a client waits unless it is told otherwise. */
const DEADLINE_MS = 15_000
const DIALECTS: readonly WireDialect[] = ['openai', 'anthropic', 'gemini']

/** The requests of a load: the same for the same seed. */
export function planLoad(plan: LoadPlan): Shot[] {
  const { requests, ratePerSecond, routes, dialects = DIALECTS, streamShare = 0.5, tenants = 4 } = plan
  const { firstNumber = 1, leaveShare = 0, leaveWithinMs = 200 } = plan
  const random = new Random(plan.seed)
  return Array.from({ length: requests }, (_, index) => {
    const tenant = 1 + random.below(tenants)
    const shot: Shot = {
      marker: markerOf(tenant, firstNumber + index),
      dialect: random.pick(dialects),
      route: random.pick(routes),
      stream: random.chance(streamShare),
      dueMs: (index * 1000) / ratePerSecond,
      headers: { authorization: `Bearer tenant-${tenant}` },
    }
    const leaves = random.chance(leaveShare)
    const leaveAfterMs = random.below(leaveWithinMs)
    return leaves ? { ...shot, leaveAfterMs } : shot
  })
}

/** Where and how long clients ask. */
export interface Asking {
  readonly url: string
  readonly deadlineMs?: number
  /** Connections are shared and kept by default; false: each request has one of its own. */
  readonly agent?: Agent | false
}

/** Send each request when it is due, whatever became of those before it; resolves when all have ended. */
export async function runLoad(shots: readonly Shot[], asking: Asking): Promise<Outcome[]> {
  const own = asking.agent === undefined ? new Agent({ keepAlive: true }) : undefined
  const startedAt = performance.now()
  const outcomes: Promise<Outcome>[] = []
  for (const shot of shots) {
    const waitMs = startedAt + shot.dueMs - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    outcomes.push(askOnce(shot, own ? { ...asking, agent: own } : asking))
  }
  const ended = await Promise.all(outcomes)
  own?.destroy()
  return ended
}

/** One request and what became of it; never rejects. */
export function askOnce(shot: Shot, asking: Asking): Promise<Outcome> {
  const { dialect, route, stream } = shot
  const speech = SPEECHES[dialect]
  const prompt = `${shot.marker} Count, please. `.padEnd(shot.promptBytes ?? 0, 'and on ')
  const sent = JSON.stringify(speech.body(route, prompt, stream))
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const parts: Buffer[] = []
    let head: IncomingMessage | undefined
    let firstByteMs = 0
    let isSettled = false
    const outgoing = request(asking.url + speech.path(route, stream), {
      method: 'POST',
      agent: asking.agent ?? false,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(sent),
        ...shot.headers,
      },
    })
    const settle = (end: Outcome['end']): void => {
      if (isSettled) return
      isSettled = true
      for (const timer of timers) clearTimeout(timer)
      if (end !== 'whole') outgoing.destroy()
      const { statusCode: status = 0, headers = {} } = head ?? {}
      const body = Buffer.concat(parts)
      const contentType = headers['content-type'] ?? ''
      const raw = { dialect, wantsStream: stream, status, contentType, body: body.toString('utf8') }
      const totalMs = performance.now() - startedAt
      resolve({ shot, end, status, headers, body, verdict: judge(raw), firstByteMs, totalMs })
    }
    const timers = [setTimeout(settle, asking.deadlineMs ?? DEADLINE_MS, 'late')]
    if (shot.leaveAfterMs !== undefined) timers.push(setTimeout(settle, shot.leaveAfterMs, 'left'))
    outgoing.on('error', () => settle('broken'))
    outgoing.once('response', (response) => {
      head = response
      response.once('data', () => (firstByteMs = performance.now() - startedAt))
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('close', () => settle(response.complete ? 'whole' : 'broken'))
      response.on('error', () => undefined)
    })
    outgoing.end(sent)
  })
}
