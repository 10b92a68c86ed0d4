import { expect, test } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import type { Claim, LimitAlert, LimitRule, Standing, Verdict } from '../core/limits.ts'
import { MemoryLedger } from '../stores/index.ts'
import { LedgerDesk } from './ledger-desk.ts'
import type { LedgerAnswers, LedgerBatch } from './ledger-messages.ts'
import { PrimaryLedger } from './primary-ledger.ts'

interface Client {
  id: number
  ledger: PrimaryLedger
}

/** A primary and two workers that talk with it in JSON, each message a turn of the loop later. */
class Cluster {
  readonly alerts: LimitAlert[] = []
  readonly first: PrimaryLedger
  readonly second: PrimaryLedger
  readonly #dead = new Set<number>()
  readonly #desk = new LedgerDesk<Client>({
    ledger: new MemoryLedger({ tell: (alert) => this.alerts.push(alert) }),
    isLocal: true,
    send: ({ ledger }, answers) => {
      const copy: LedgerAnswers = JSON.parse(JSON.stringify(answers))
      setImmediate(() => ledger.receive(copy))
    },
  })
  #lastId = 0

  constructor() {
    this.first = this.#worker(1)
    this.second = this.#worker(2)
  }

  #worker(id: number): PrimaryLedger {
    const client: Client = {
      id,
      ledger: new PrimaryLedger({
        fallback: new MemoryLedger({}),
        timeoutMs: 20_000,
        send: (batch) => {
          const copy: LedgerBatch = JSON.parse(JSON.stringify(batch))
          setImmediate(() => !this.#dead.has(id) && this.#desk.receive(client, copy))
          return true
        },
      }),
    }
    return client.ledger
  }

  crash(id: number): void {
    this.#dead.add(id)
    this.#desk.gone({ id })
  }

  /** One request that uses what it reserved, or `used`. */
  async request(ledger: PrimaryLedger, claims: readonly Claim[], used?: number): Promise<boolean> {
    const id = `request ${++this.#lastId}`
    const verdict = await ledger.reserve(id, claims)
    if (verdict.ok)
      ledger.settle(
        id,
        claims.map(({ amount }) => used ?? amount),
      )
    return verdict.ok
  }

  /** Requests until one is let through without a question; gives back how many there were before it. */
  async warm(ledger: PrimaryLedger, claims: readonly Claim[]): Promise<number> {
    let count = 0
    await waitFor('a lease', async () => {
      for (let more = 0; more < 20; more += 1) {
        const id = `request ${++this.#lastId}`
        const verdict = ledger.reserve(id, claims)
        const isLeased = !(verdict instanceof Promise)
        if (!(await verdict).ok) throw new Error('refused before anything was leased')
        const amounts = claims.map(({ amount }) => amount)
        ledger.settle(id, amounts)
        count += 1
        if (isLeased) return true
      }
      return false
    })
    return count
  }

  async standing(claim: Claim): Promise<Pick<Standing, 'used' | 'reserved'>> {
    const [standing] = await this.second.standings([claim])
    if (!standing) throw new Error('no standing')
    return { used: standing.used, reserved: standing.reserved }
  }
}

let number = 0

function claim(changes: Partial<LimitRule> = {}, amount = 1): Claim {
  const rule: LimitRule = {
    id: `rule ${++number}`,
    meter: 'tokens',
    most: 100_000,
    window: { kind: 'calendar', per: 'year' },
    by: 'all',
    action: 'reject',
    alertAt: [],
    ...changes,
  }
  return { rule, bucket: `${rule.id}=`, amount, of: {} }
}

function isAtOnce(verdict: Verdict | Promise<Verdict>): boolean {
  return !(verdict instanceof Promise)
}

test('requests that keep coming far from a limit are let through without a question, and each is counted', async () => {
  const cluster = new Cluster()
  const claims = [claim(), claim({ meter: 'requests' })]
  let count = await cluster.warm(cluster.first, claims)
  // The lease grows with what is asked for.
  const asked = await waitFor('a turn without questions', async () => {
    const verdicts = Array.from({ length: 50 }, (_, index) =>
      cluster.first.reserve(`${count}/${index}`, claims),
    )
    const atOnce = verdicts.filter(isAtOnce).length
    for (const verdict of verdicts) await verdict
    for (const index of verdicts.keys()) cluster.first.settle(`${count}/${index}`, [1, 1])
    count += verdicts.length
    return atOnce === verdicts.length
  })
  expect(asked).toBe(true)
  for (const one of claims)
    await waitFor('all to be counted', async () => (await cluster.standing(one)).used === count)
})

test('a limit that is near is exact over two workers, whoever has leased what', async () => {
  const cluster = new Cluster()
  const one = claim({ most: 500 })
  let admitted = await cluster.warm(cluster.first, [one])
  admitted += await cluster.warm(cluster.second, [one])
  let refusedInARow = 0
  while (refusedInARow < 20) {
    const ledger = refusedInARow % 2 === 0 ? cluster.first : cluster.second
    const isAdmitted = await cluster.request(ledger, [one])
    admitted += isAdmitted ? 1 : 0
    refusedInARow = isAdmitted ? 0 : refusedInARow + 1
  }
  expect(admitted).toBe(500)
})

test('room that one worker has leased and does not need is given to another that would be refused', async () => {
  const cluster = new Cluster()
  const one = claim({ most: 1000 })
  const count = await cluster.warm(cluster.first, [one])
  const rest = { ...one, amount: 1000 - count }
  expect(await cluster.request(cluster.second, [rest])).toBe(true)
  expect(await cluster.request(cluster.first, [one])).toBe(false)
})

test('a lease ends with its window, and each window has its own room', async () => {
  const cluster = new Cluster()
  const one = claim({ most: 200, window: { kind: 'calendar', per: 'second' } })
  const bySecond = new Map<number, number>()
  const until = Date.now() + 2200
  while (Date.now() < until) {
    for (const ledger of [cluster.first, cluster.second]) {
      const before = Math.floor(Date.now() / 1000)
      const isAdmitted = await cluster.request(ledger, [one])
      const after = Math.floor(Date.now() / 1000)
      // One at the very end of a second may be of either.
      if (isAdmitted && before === after) bySecond.set(after, (bySecond.get(after) ?? 0) + 1)
    }
  }
  const counts = [...bySecond.values()]
  expect(Math.max(...counts)).toBeLessThanOrEqual(200)
  expect(Math.max(...counts)).toBeGreaterThan(190)
})

test('in a rolling window what a lease let through counts from when it was used', async () => {
  const cluster = new Cluster()
  const one = claim({ most: 400, window: { kind: 'rolling', ms: 1000 } })
  const count = await cluster.warm(cluster.first, [one])
  const rest = { ...one, amount: 400 - count }
  expect(await cluster.request(cluster.second, [rest])).toBe(true)
  expect(await cluster.request(cluster.second, [one])).toBe(false)
  await waitFor('room again', () => cluster.request(cluster.second, [rest]))
})

test('more was used than was reserved: it counts, and the next ones are refused', async () => {
  const cluster = new Cluster()
  const one = claim({ most: 1000 })
  const count = await cluster.warm(cluster.first, [one])
  expect(await cluster.request(cluster.first, [one], 5000)).toBe(true)
  await waitFor('it to count', async () => (await cluster.standing(one)).used === count + 5000)
  expect(await cluster.request(cluster.first, [one])).toBe(false)
  expect(await cluster.request(cluster.second, [one])).toBe(false)
})

test('a worker that dies leaves nothing reserved, and what it had told stays counted', async () => {
  const cluster = new Cluster()
  const one = claim()
  const count = await cluster.warm(cluster.first, [one])
  await waitFor('it to be told', async () => (await cluster.standing(one)).used === count)
  expect(isAtOnce(cluster.first.reserve('under way', [one]))).toBe(true)
  cluster.crash(1)
  expect(await cluster.standing(one)).toEqual({ used: count, reserved: 0 })
})

test('what is under way is seen as reserved, and what is only leased is not', async () => {
  const cluster = new Cluster()
  const one = claim()
  const used = await cluster.warm(cluster.first, [one])
  await waitFor('all to be told', async () => (await cluster.standing(one)).used === used)
  expect(isAtOnce(cluster.first.reserve('under way', [one]))).toBe(true)
  expect(await cluster.first.standings([one])).toMatchObject([{ used, reserved: 1 }])
  cluster.first.settle('under way', [1])
  expect(await cluster.first.standings([one])).toMatchObject([{ used: used + 1, reserved: 0 }])
})

test('a limit that was lowered holds for what is leased under the old one', async () => {
  const cluster = new Cluster()
  const one = claim()
  const count = await cluster.warm(cluster.first, [one])
  const lowered = { ...one, rule: { ...one.rule, most: count } }
  expect(await cluster.request(cluster.first, [lowered])).toBe(false)
})

test('a rule that only tells never makes a request wait, and tells once', async () => {
  const cluster = new Cluster()
  const one = claim({ most: 50, action: 'alert', alertAt: [0.5, 1] })
  await cluster.warm(cluster.first, [one])
  await waitFor('both to be told', async () => {
    for (let more = 0; more < 10; more += 1) await cluster.request(cluster.first, [one])
    return cluster.alerts.length >= 2
  })
  await waitFor('more to be let through at once', async () => {
    const verdict = cluster.first.reserve('late', [one])
    await verdict
    cluster.first.settle('late', [1])
    return isAtOnce(verdict)
  })
  expect(cluster.alerts.map(({ share }) => share)).toEqual([0.5, 1])
})

test('one claim that is not leased makes the primary decide on all of them', async () => {
  const cluster = new Cluster()
  const wide = claim()
  const narrow = claim({ most: 1 })
  await cluster.warm(cluster.first, [wide])
  expect(await cluster.request(cluster.first, [wide, narrow])).toBe(true)
  expect(await cluster.request(cluster.first, [wide, narrow])).toBe(false)
})
