import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toNanoUsd, type Claim, type LimitAlert, type LimitRule, type LimitWindow } from '../core/limits.ts'
import { MemoryLedger } from './memory-ledger.ts'

const MINUTE: LimitWindow = { kind: 'calendar', per: 'minute' }
const ROLLING: LimitWindow = { kind: 'rolling', ms: 60_000 }

function rule(changes: Partial<LimitRule> = {}): LimitRule {
  return {
    id: 'server|requests',
    meter: 'requests',
    most: 10,
    window: MINUTE,
    by: 'all',
    action: 'reject',
    alertAt: [],
    ...changes,
  }
}

function claim(one: LimitRule, amount = 1, whose = ''): Claim {
  return { rule: one, bucket: `${one.id}=${whose}`, amount, of: {} }
}

describe('the ledger in memory', () => {
  test('64 keys with 50 requests each share ten and a half requests: ten are let through', () => {
    const ledger = new MemoryLedger({ now: () => 0 })
    const budget = rule({
      id: 'server|cost',
      meter: 'cost',
      most: 10.5,
      window: { kind: 'calendar', per: 'month' },
    })
    let admitted = 0
    for (let request = 0; request < 64 * 50; request++) {
      const each = claim(rule({ id: 'server|each', most: 1000 }), 1, `key ${request % 64}`)
      if (ledger.reserve(String(request), [each, claim(budget, toNanoUsd(1))]).ok) admitted++
    }
    expect(admitted).toBe(10)
    expect(ledger.openCount).toBe(10)
  })

  test('reserves all or nothing', () => {
    const ledger = new MemoryLedger({ now: () => 0 })
    const [wide, narrow] = [rule({ id: 'wide' }), rule({ id: 'narrow', most: 1 })]
    expect(ledger.reserve('a', [claim(wide), claim(narrow)]).ok).toBe(true)
    const verdict = ledger.reserve('b', [claim(wide), claim(narrow)])
    expect(verdict).toMatchObject({ ok: false, refused: { bucket: 'narrow=', reserved: 1, resetMs: 60_000 } })
    expect(ledger.standings([claim(wide)])).toMatchObject([{ used: 0, reserved: 1 }])
  })

  test('puts what was used in the place of what was reserved, once', () => {
    const ledger = new MemoryLedger({ now: () => 0 })
    const tokens = rule({ meter: 'tokens', most: 100 })
    ledger.reserve('a', [claim(tokens, 90)])
    expect(ledger.reserve('b', [claim(tokens, 20)]).ok).toBe(false)
    ledger.settle('a', [30])
    ledger.settle('a', [50])
    expect(ledger.standings([claim(tokens)])).toMatchObject([{ used: 30, reserved: 0 }])
    expect(ledger.reserve('c', [claim(tokens, 70)]).ok).toBe(true)
  })

  test('refuses a second reservation of one id', () => {
    const ledger = new MemoryLedger({ now: () => 0 })
    ledger.reserve('a', [claim(rule())])
    expect(ledger.reserve('a', [claim(rule())]).ok).toBe(false)
    expect(ledger.standings([claim(rule())])).toMatchObject([{ reserved: 1 }])
  })

  test('begins anew with the minute of the clock, and never again with one that is over', () => {
    let now = 59_000
    const ledger = new MemoryLedger({ now: () => now })
    const one = rule({ most: 1 })
    ledger.reserve('a', [claim(one)])
    ledger.settle('a', [1])
    expect(ledger.reserve('b', [claim(one)])).toMatchObject({ ok: false, refused: { resetMs: 1000 } })
    now = 60_000
    expect(ledger.reserve('c', [claim(one)]).ok).toBe(true)
    now = 59_000
    expect(ledger.reserve('d', [claim(one)]).ok).toBe(false)
  })

  test('tells of each share once in a window, and of the first refusal', () => {
    const alerts: LimitAlert[] = []
    const ledger = new MemoryLedger({ now: () => 0, tell: (alert) => alerts.push(alert) })
    const warned = rule({ most: 4, alertAt: [0.5, 1] })
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
      ledger.reserve(id, [claim(warned)])
      ledger.settle(id, [1])
    }
    expect(alerts.map(({ what, share }) => [what, share])).toEqual([
      ['threshold', 0.5],
      ['threshold', 1],
      ['refused', 1],
    ])
  })

  test('lets everything through that is only to be warned of', () => {
    const ledger = new MemoryLedger({ now: () => 0 })
    const soft = rule({ most: 1, action: 'alert' })
    expect(['a', 'b', 'c'].every((id) => ledger.reserve(id, [claim(soft)]).ok)).toBe(true)
  })

  test.each([
    ['a calendar', MINUTE],
    ['a rolling', ROLLING],
  ])(
    'whatever happens, %s window never has more than its most, and nothing reserved when idle',
    (_name, window) => {
      const step = fc.record({
        what: fc.constantFrom('reserve', 'settle', 'release', 'wait', 'jump back'),
        which: fc.nat(7),
        amount: fc.integer({ min: 1, max: 6 }),
        ms: fc.integer({ min: 1, max: 70_000 }),
      })
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
          let now = 1_000_000
          const ledger = new MemoryLedger({ now: () => now })
          const tokens = rule({ meter: 'tokens', most: 10, window })
          const open = new Map<string, number>()
          const uses: { at: number; amount: number }[] = []
          const began = new Map<string, number>()
          let latest = now
          for (const [index, { what, which, amount, ms }] of steps.entries()) {
            if (what === 'wait') now += ms
            if (what === 'jump back') now -= ms
            latest = Math.max(latest, now)
            const id = what === 'reserve' ? String(index) : [...open.keys()][which % Math.max(open.size, 1)]
            if (what === 'reserve' && id !== undefined && ledger.reserve(id, [claim(tokens, amount)]).ok) {
              open.set(id, amount)
              began.set(id, latest)
            }
            if ((what === 'settle' || what === 'release') && id !== undefined) {
              const used = what === 'settle' ? Math.min(amount, open.get(id) ?? 0) : 0
              ledger.settle(id, [used])
              uses.push({ at: began.get(id) ?? 0, amount: used })
              open.delete(id)
            }
            const [standing] = ledger.standings([claim(tokens)])
            expect(standing?.used).toBeGreaterThanOrEqual(0)
            expect(standing?.reserved).toBeGreaterThanOrEqual(0)
            expect((standing?.used ?? 0) + (standing?.reserved ?? 0)).toBeLessThanOrEqual(10)
            // What really happened in the window by a clock that does not jump.
            const since = window === ROLLING ? latest - 60_000 : Math.floor(latest / 60_000) * 60_000
            const real = uses.filter(({ at }) => at >= since).reduce((sum, one) => sum + one.amount, 0)
            expect(real).toBeLessThanOrEqual(10)
          }
          for (const id of open.keys()) ledger.settle(id, [])
          expect(ledger.standings([claim(tokens)])).toMatchObject([{ reserved: 0 }])
          expect(ledger.openCount).toBe(0)
        }),
        { numRuns: 200 },
      )
    },
  )
})
