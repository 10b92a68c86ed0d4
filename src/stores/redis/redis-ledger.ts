import { pieceAt } from '../../core/limit-window.ts'
import {
  type Claim,
  type Ledger,
  type LimitAlert,
  mostOf,
  type Standing,
  type Verdict,
} from '../../core/limits.ts'
import { type Asking, callOf, keysOf, run } from './ledger-call.ts'
import { RedisLink, type RedisLinkSetup } from './link.ts'

export interface RedisLedgerSetup extends Pick<RedisLinkSetup, 'connect' | 'report' | 'timeoutMs'> {
  /** Which gateway it is: what lives of it counts once. */
  readonly gateway: string
  /** Which process of which gateway. What it has reserved is free when it shows no sign of life. */
  readonly holder: string
  /** Decides while Redis cannot. */
  readonly fallback: Ledger
  readonly tell?: (alert: LimitAlert) => void
  /** How many gateways use this server, whenever that has been heard. */
  readonly heard?: (gateways: number) => void
  /** Redis decides again. */
  readonly back?: () => void
}

/** How often a process shows that it lives. */
const BEAT_MS = 5_000
/** Steps in one call, for which the server does nothing else. */
const MOST_AT_ONCE = 100
/** What waits for Redis at most; of more the oldest is forgotten, and free when the lease is over. */
const MOST_WAITING = 10_000

interface Open {
  readonly n: string
  readonly claims: readonly Claim[]
  /** The fallback let it through. */
  isLocal: boolean
}

interface Settling {
  readonly n: string
  readonly claims: readonly Claim[]
  readonly amounts: readonly number[]
  /** Of what was used without a reservation: when. */
  readonly at?: number
  /** It may have been done already. */
  isAgain: boolean
}

/**
 * Sums in a Redis server, for all workers and gateways that use it: one call of a script for each request, and one when it
 * is settled. While the server does not answer the fallback decides; what was used meanwhile is told to it afterwards.
 */
export class RedisLedger implements Ledger {
  readonly #setup: RedisLedgerSetup
  readonly #link: RedisLink
  readonly #open = new Map<string, Open>()
  readonly #waiting = new Map<string, Settling>()
  readonly #beat: NodeJS.Timeout
  #lastNumber = 0
  #isFlushing = false
  #asked: Asked[] = []

  /** Connects in the background. */
  constructor(setup: RedisLedgerSetup) {
    const { connect, report, timeoutMs } = setup
    this.#setup = setup
    this.#link = new RedisLink({
      connect,
      report,
      ...(timeoutMs !== undefined && { timeoutMs }),
      meaning: 'limits go by "on_store_failure"',
      back: () => {
        setup.back?.()
        void this.#live()
      },
    })
    this.#beat = setInterval(() => void this.#live(), BEAT_MS).unref()
  }

  /** Requests that are not settled yet. */
  get openCount(): number {
    return this.#open.size
  }

  async reserve(id: string, claims: readonly Claim[]): Promise<Verdict> {
    if (this.#open.has(id)) throw new Error(`the request ${id} has reserved already`)
    const n = String(++this.#lastNumber)
    const open: Open = { n, claims, isLocal: false }
    this.#open.set(id, open)
    const words = claims.map((claim) => [
      claim.rule.action === 'alert' ? '' : 'reject',
      claim.rule.alertAt.length > 0 ? 'tell' : '',
    ])
    if (this.#link.isUp) {
      const answer = await this.#ask({ step: 'reserve', n, claims, amounts: claims.map(amountOf), words })
      if (answer) return this.#verdict(id, claims, answer)
      // It may have been reserved all the same.
      this.#later({ n, claims, amounts: [], isAgain: true })
    }
    return this.#locally(id, open)
  }

  settle(id: string, amounts: readonly number[]): void {
    const open = this.#open.get(id)
    if (!open) return
    this.#open.delete(id)
    const { n, claims } = open
    if (open.isLocal) {
      this.#setup.fallback.settle(id, amounts)
      if (amounts.every((amount) => amount === 0)) return
      this.#later({ n: `${n} used`, claims, amounts, at: Date.now(), isAgain: false })
      return
    }
    const settling: Settling = { n, claims, amounts, isAgain: false }
    void this.#settle(settling).then((isDone) => {
      if (!isDone) this.#later({ ...settling, isAgain: true })
    })
  }

  async standings(claims: readonly Claim[]): Promise<readonly Standing[]> {
    const words = claims.map(() => ['', ''])
    const asking = { step: 'look', n: '', claims, amounts: [], words } as const
    const numbers = await this.#ask(asking)
    if (!numbers) return this.#setup.fallback.standings(claims)
    return claims.map((claim, index) => standingOf(claim, numbers.slice(index * 3)))
  }

  /** Another process of this gateway is dead: what it has reserved is free at once. */
  async release(holder: string): Promise<void> {
    await this.#link.ask((client) =>
      client.eval("return redis.call('DEL', KEYS[1], KEYS[2])", 2, ...keysOf(holder)),
    )
  }

  close(): void {
    clearInterval(this.#beat)
    this.#link.close()
  }

  async #locally(id: string, open: Open): Promise<Verdict> {
    open.isLocal = true
    try {
      const verdict = await this.#setup.fallback.reserve(id, open.claims)
      if (!verdict.ok) this.#open.delete(id)
      return verdict
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }

  #verdict(
    id: string,
    claims: readonly Claim[],
    [worst = 0, isTold = 0, ...numbers]: readonly number[],
  ): Verdict {
    const standings = claims.map((claim, index) => standingOf(claim, numbers.slice(index * 3)))
    const refused = standings[worst - 1]
    const claim = claims[worst - 1]
    if (!refused || !claim) return { ok: true, standings }
    this.#open.delete(id)
    if (isTold === 1) this.#tell(claim, { what: 'refused', share: 1, standing: refused })
    return { ok: false, refused, standings }
  }

  #tell({ bucket, rule, of }: Claim, alert: Pick<LimitAlert, 'what' | 'share' | 'standing'>): void {
    this.#setup.tell?.({ bucket, rule, of, ...alert })
  }

  /** Whether it is done. */
  async #settle({ n, claims, amounts, at, isAgain }: Settling): Promise<boolean> {
    const words = claims.map(({ rule }) => [
      rule.alertAt.join(' '),
      String(at === undefined ? -1 : pieceAt(rule.window, at)),
    ])
    const asking = { step: 'settle', n, claims, amounts, words, isAgain } as const
    const numbers = await this.#ask(asking)
    if (!numbers) return false
    for (const [index, claim] of claims.entries()) {
      const share = numbers[index * 4 + 3] ?? 0
      if (share === 0) continue
      this.#tell(claim, { what: 'threshold', share, standing: standingOf(claim, numbers.slice(index * 4)) })
    }
    return true
  }

  #later(settling: Settling): void {
    const [oldest] = this.#waiting.keys()
    if (oldest !== undefined && this.#waiting.size >= MOST_WAITING) this.#waiting.delete(oldest)
    this.#waiting.set(settling.n, settling)
    if (this.#link.isUp) void this.#flush()
  }

  async #live(): Promise<void> {
    const { gateway, heard } = this.#setup
    const asking = { step: 'live', n: gateway, claims: [], amounts: [], words: [] } as const
    const answer = await this.#ask(asking)
    if (!answer) return
    heard?.(Math.max(answer[0] ?? 1, 1))
    await this.#flush()
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing) return
    this.#isFlushing = true
    for (const [n, settling] of this.#waiting) {
      const isDone = await this.#settle(settling)
      if (!isDone) {
        settling.isAgain ||= settling.at === undefined
        break
      }
      this.#waiting.delete(n)
    }
    this.#isFlushing = false
  }

  /** Undefined: it did not answer. What is asked in one turn of the loop goes in few calls. */
  #ask(asking: Asking): Promise<readonly number[] | undefined> {
    return new Promise((resolve) => {
      this.#asked.push({ asking, resolve })
      if (this.#asked.length === 1) setImmediate(() => this.#send())
    })
  }

  #send(): void {
    const asked = this.#asked
    this.#asked = []
    for (let from = 0; from < asked.length; from += MOST_AT_ONCE)
      void this.#sendSome(asked.slice(from, from + MOST_AT_ONCE))
  }

  async #sendSome(asked: readonly Asked[]): Promise<void> {
    const call = callOf(
      this.#setup.holder,
      asked.map(({ asking }) => asking),
    )
    const answers = await this.#link.ask((client) => run(client, call))
    for (const [index, { resolve }] of asked.entries()) {
      const answer: unknown = Array.isArray(answers) ? answers[index] : undefined
      resolve(Array.isArray(answer) ? answer.map(Number) : undefined)
    }
  }
}

interface Asked {
  readonly asking: Asking
  resolve(this: void, answer: readonly number[] | undefined): void
}

function amountOf({ amount }: Claim): number {
  return amount
}

function standingOf(
  { rule, bucket }: Claim,
  [used = 0, reserved = 0, resetMs = 0]: readonly number[],
): Standing {
  return { bucket, most: mostOf(rule), used, reserved, resetMs }
}
