import { setTimeout as sleep } from 'node:timers/promises'
import type { LimitAlert } from '../core/limits.ts'
import { testAlert, toAlert, type Alert } from './alert.ts'
import { postAlert, type Posted } from './post-alert.ts'
import { hostOf, type Webhook } from './webhook.ts'

export interface AlertsSetup {
  readonly warn: (message: string) => void
  readonly count: (outcome: AlertOutcome) => void
  /** The first of the waits between tries, in milliseconds; 1000. */
  readonly firstWaitMs?: number
}

export type AlertOutcome = 'delivered' | 'failed' | 'dropped'

/** What became of a test. */
export interface TestResult {
  readonly host: string
  readonly ok: boolean
  readonly problem: string | null
}

const TRIES = 6
const FIRST_WAIT_MS = 1_000
/** Each wait is so many times as long as the one before: about six minutes together. */
const GROWTH = 4
/** Alerts that are on their way; more are dropped, and counted. */
const MAX_UNDER_WAY = 1_000
/** Of which so many are sent at one time to one webhook. */
const MAX_SENDING = 4

/** Tells webhooks of alerts, beside everything else: nobody waits for them. */
export class Alerts {
  readonly #setup: AlertsSetup
  /** No more tries; and then not even the last ones. */
  readonly #closing = new AbortController()
  readonly #ending = new AbortController()
  #webhooks: readonly Webhook[] = []
  readonly #queues = new Map<string, Queue>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(setup: AlertsSetup) {
    this.#setup = setup
  }

  /** Who is told from now on. */
  use(webhooks: readonly Webhook[]): void {
    this.#webhooks = webhooks
    const names = new Set(webhooks.map(({ url }) => url.fingerprint()))
    for (const name of this.#queues.keys()) if (!names.has(name)) this.#queues.delete(name)
  }

  tell(limit: LimitAlert): void {
    if (this.#webhooks.length === 0) return
    const alert = toAlert(limit)
    for (const webhook of this.#webhooks) this.#send(alert, webhook)
  }

  /** Sends each webhook a test, once. */
  async test(): Promise<TestResult[]> {
    const alert = testAlert()
    return await Promise.all(
      this.#webhooks.map(async (webhook) => {
        const posted = await postAlert(alert, webhook, this.#ending.signal)
        return { host: hostOf(webhook), ok: posted.ok, problem: posted.ok ? null : posted.problem }
      }),
    )
  }

  /** What is being sent may end, if it takes no longer than `withinMs`. Nothing is tried again. */
  async close(withinMs: number): Promise<void> {
    this.#closing.abort()
    const timer = setTimeout(() => this.#ending.abort(), withinMs)
    await Promise.all(this.#underWay)
    clearTimeout(timer)
  }

  #send(alert: Alert, webhook: Webhook): void {
    if (this.#underWay.size >= MAX_UNDER_WAY) {
      this.#setup.count('dropped')
      return
    }
    const sending = this.#deliver(alert, webhook).finally(() => this.#underWay.delete(sending))
    this.#underWay.add(sending)
  }

  async #deliver(alert: Alert, webhook: Webhook): Promise<void> {
    let waitMs = this.#setup.firstWaitMs ?? FIRST_WAIT_MS
    for (let count = 1; ; count += 1) {
      const posted = await this.#queueOf(webhook).run(() => postAlert(alert, webhook, this.#ending.signal))
      if (posted.ok) return this.#setup.count('delivered')
      const isLast = posted.again === undefined || count === TRIES || this.#closing.signal.aborted
      if (isLast) return this.#fail(webhook, posted)
      // Not all at the same moment.
      const jittered = waitMs * (0.5 + Math.random() / 2)
      await this.#wait(Math.max(posted.again ?? 0, jittered))
      waitMs *= GROWTH
    }
  }

  #fail(webhook: Webhook, { problem }: Extract<Posted, { ok: false }>): void {
    this.#setup.count('failed')
    this.#setup.warn(`an alert could not be sent to ${hostOf(webhook)}: ${problem}`)
  }

  #queueOf({ url }: Webhook): Queue {
    const name = url.fingerprint()
    const queue = this.#queues.get(name) ?? new Queue(MAX_SENDING)
    this.#queues.set(name, queue)
    return queue
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined)
  }
}

/** Runs so many at one time, the others in their order. */
class Queue {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(most: number) {
    this.#most = most
  }

  async run<Value>(job: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
