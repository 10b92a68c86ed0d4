import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  toNanoUsd,
  type Claim,
  type Ledger,
  type LimitAlert,
  type LimitRule,
  type Verdict,
} from '../../../src/core/limits.ts'
import { waitFor } from '../../support/wait.ts'

/** Sums, and several that use them at one time. */
export interface LedgersUnderTest {
  readonly ledgers: readonly [Ledger, Ledger, ...Ledger[]]
  /** What any of them has told. */
  readonly alerts: readonly LimitAlert[]
  /** The second of them dies without a word. Absent: there is none that could. */
  crash?(): Promise<void>
}

let number = 0

/** A rule that nobody has used yet. */
function rule(changes: Partial<LimitRule> = {}): LimitRule {
  return {
    id: `rule ${process.pid} ${++number}`,
    meter: 'requests',
    most: 10,
    window: { kind: 'calendar', per: 'year' },
    by: 'all',
    action: 'reject',
    alertAt: [],
    ...changes,
  }
}

function claim(one: LimitRule, amount = 1, whose = ''): Claim {
  return { rule: one, bucket: `${one.id}=${whose}`, amount, of: {} }
}

function id(): string {
  return `request ${process.pid} ${++number}`
}

async function isLetThrough(verdict: Verdict | Promise<Verdict>): Promise<boolean> {
  return (await verdict).ok
}

/** A settlement is told, not awaited. */
async function stands(ledger: Ledger, one: Claim, wanted: { used: number; reserved: number }): Promise<void> {
  await waitFor(`${one.bucket} to stand at ${JSON.stringify(wanted)}`, async () => {
    const [standing] = await ledger.standings([one])
    return standing?.used === wanted.used && standing.reserved === wanted.reserved
  })
}

/** What every ledger does, wherever its sums are. */
export function ledgersBehave(open: () => LedgersUnderTest): void {
  test('64 keys with 50 requests each at one time never get an eleventh out of ten and a half', async () => {
    const { ledgers } = open()
    const budget = rule({ meter: 'cost', most: 10.5, by: 'key' })
    const requests = rule({ most: 100_000 })
    const asked = Array.from({ length: 64 * 50 }, async (_, index) => {
      const key = index % 64
      const ledger = ledgers[index % ledgers.length] ?? ledgers[0]
      const claims = [claim(requests), claim(budget, toNanoUsd(1), `key ${key}`)]
      return (await isLetThrough(ledger.reserve(id(), claims))) ? [key] : []
    })
    const admitted = (await Promise.all(asked)).flat()
    const counts = Array.from({ length: 64 }, (_, key) => admitted.filter((one) => one === key).length)
    expect(counts).toEqual(counts.map(() => 10))
    const [standing] = await ledgers[0].standings([claim(requests)])
    expect(standing).toMatchObject({ used: 0, reserved: 640 })
  })

  test('all of the claims are reserved or none, and the one that stands in the way is named', async () => {
    const { ledgers } = open()
    const [wide, narrow] = [rule(), rule({ most: 1 })]
    expect(await isLetThrough(ledgers[0].reserve(id(), [claim(wide), claim(narrow)]))).toBe(true)
    const verdict = await ledgers[1].reserve(id(), [claim(wide), claim(narrow)])
    expect(verdict).toMatchObject({ ok: false, refused: { bucket: `${narrow.id}=`, most: 1, reserved: 1 } })
    expect(await ledgers[1].standings([claim(wide)])).toMatchObject([{ used: 0, reserved: 1 }])
  })

  test('what was used takes the place of what was reserved, once', async () => {
    const { ledgers } = open()
    const tokens = rule({ meter: 'tokens', most: 100 })
    const one = id()
    await ledgers[0].reserve(one, [claim(tokens, 90)])
    expect(await isLetThrough(ledgers[1].reserve(id(), [claim(tokens, 20)]))).toBe(false)
    ledgers[0].settle(one, [30])
    ledgers[0].settle(one, [50])
    await stands(ledgers[1], claim(tokens), { used: 30, reserved: 0 })
    expect(await isLetThrough(ledgers[1].reserve(id(), [claim(tokens, 70)]))).toBe(true)
  })

  test('a rule that only warns lets everything through, and is told of once', async () => {
    const { ledgers, alerts } = open()
    const warned = rule({ most: 2, action: 'alert', alertAt: [0.5, 1] })
    const mine = (): unknown[] =>
      alerts.filter((alert) => alert.rule.id === warned.id).map(({ what, share }) => [what, share])
    for (const ledger of [...ledgers, ...ledgers]) {
      const one = id()
      expect(await isLetThrough(ledger.reserve(one, [claim(warned)]))).toBe(true)
      ledger.settle(one, [1])
      // The next is to be counted after it.
      await waitFor(
        'it to be settled',
        async () => (await ledger.standings([claim(warned)]))[0]?.reserved === 0,
      )
    }
    await waitFor('both to be told', () => mine().length >= 2)
    expect(mine()).toEqual([
      ['threshold', 0.5],
      ['threshold', 1],
    ])
  })

  test('the first refusal of a window is told, and no other', async () => {
    const { ledgers, alerts } = open()
    const full = rule({ most: 1, alertAt: [1] })
    await ledgers[0].reserve(id(), [claim(full)])
    for (const ledger of ledgers) await ledger.reserve(id(), [claim(full)])
    const mine = (): LimitAlert[] => alerts.filter((alert) => alert.rule.id === full.id)
    await waitFor('it to be told', () => mine().length > 0)
    expect(mine()).toMatchObject([{ what: 'refused', bucket: `${full.id}=` }])
  })

  test.each<[string, LimitRule['window']]>([
    ["the clock's second", { kind: 'calendar', per: 'second' }],
    ['a rolling second', { kind: 'rolling', ms: 1000 }],
  ])('%s has room again when it is over', async (_name, window) => {
    const { ledgers } = open()
    const one = rule({ most: 1, ...(window && { window }) })
    const first = id()
    expect(await isLetThrough(ledgers[0].reserve(first, [claim(one)]))).toBe(true)
    ledgers[0].settle(first, [1])
    const resets: number[] = []
    const again = await waitFor('room again', async () => {
      const verdict = await ledgers[1].reserve(id(), [claim(one)])
      if (!verdict.ok) resets.push(verdict.refused.resetMs)
      return verdict.ok
    })
    expect(again).toBe(true)
    expect(resets.filter((ms) => ms <= 0 || ms > 1100)).toEqual([])
  })

  test.each(['minute', 'day', 'week', 'month', 'year'] as const)(
    'a %s ends when the calendar says',
    async (per) => {
      const { ledgers } = open()
      const now = new Date()
      const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
      const ends = {
        minute: Math.ceil((Date.now() + 1) / 60_000) * 60_000,
        day: Date.UTC(year, month, day + 1),
        week: Date.UTC(year, month, day + 7 - ((now.getUTCDay() + 6) % 7)),
        month: Date.UTC(year, month + 1),
        year: Date.UTC(year + 1, 0),
      }
      const verdict = await ledgers[0].reserve(id(), [claim(rule({ window: { kind: 'calendar', per } }))])
      const [standing] = verdict.standings
      const end = Date.now() + (standing?.resetMs ?? 0)
      // A minute may have ended meanwhile.
      expect(Math.min(...[0, 60_000].map((more) => Math.abs(end - ends[per] - more)))).toBeLessThan(2000)
    },
  )

  test('what is under way at one time has no window, and leaves nothing', async () => {
    const { ledgers } = open()
    const { window: _window, ...concurrent } = rule({ meter: 'concurrent', most: 1 })
    const one = id()
    expect(await isLetThrough(ledgers[0].reserve(one, [claim(concurrent)]))).toBe(true)
    expect(await isLetThrough(ledgers[1].reserve(id(), [claim(concurrent)]))).toBe(false)
    ledgers[0].settle(one, [0])
    await stands(ledgers[1], claim(concurrent), { used: 0, reserved: 0 })
  })

  test('in any order of steps no limit is passed, and nothing stays reserved', async () => {
    const step = fc.record({
      who: fc.nat({ max: 1 }),
      amounts: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })),
      used: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })),
      settles: fc.nat({ max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { ledgers } = open()
        const rules = [rule({ meter: 'tokens', most: 20 }), rule({ meter: 'tokens', most: 30 })]
        const underWay: { settle: () => void; used: readonly number[] }[] = []
        const used = [0, 0]
        const end = (index: number): void => {
          const [one] = underWay.splice(index, 1)
          one?.settle()
          for (const [at, amount] of (one?.used ?? []).entries()) used[at] = (used[at] ?? 0) + amount
        }
        for (const { who, amounts, used: uses, settles } of steps) {
          const ledger = ledgers[who] ?? ledgers[0]
          const one = id()
          const claims = rules.map((each, index) => claim(each, amounts[index]))
          const verdict = await ledger.reserve(one, claims)
          // No more than it has reserved, as with a true estimate.
          const really = uses.map((amount, index) => Math.min(amount, amounts[index] ?? 0))
          if (verdict.ok) underWay.push({ settle: () => ledger.settle(one, really), used: really })
          for (const [index, standing] of verdict.standings.entries())
            expect(standing.used + standing.reserved).toBeLessThanOrEqual(rules[index]?.most ?? 0)
          if (settles < underWay.length) end(settles)
        }
        while (underWay.length > 0) end(0)
        for (const [index, each] of rules.entries())
          await stands(ledgers[index] ?? ledgers[0], claim(each), { used: used[index] ?? 0, reserved: 0 })
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })

  test('what one held that died is free again', async ({ skip }) => {
    const place = open()
    if (!place.crash) return skip('nobody dies alone here')
    const [first, second] = place.ledgers
    const one = rule({ most: 2 })
    await first.reserve(id(), [claim(one)])
    await second.reserve(id(), [claim(one)])
    expect(await isLetThrough(first.reserve(id(), [claim(one)]))).toBe(false)
    await place.crash()
    expect(await waitFor('room', () => isLetThrough(first.reserve(id(), [claim(one)])))).toBe(true)
    expect(await isLetThrough(first.reserve(id(), [claim(one)]))).toBe(false)
  })
}
