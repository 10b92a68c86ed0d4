import { describe, expect, test } from 'vitest'
import { makeCall } from '../../../test/support/call.ts'
import { makeReply } from '../../../test/support/plan.ts'
import type { Call } from '../../core/call.ts'
import { Caller } from '../../core/caller.ts'
import { GatewayError } from '../../core/error.ts'
import type { Identity } from '../../core/identity.ts'
import { placed, type LimitRule, type LimitScope, type LimitWindow, type Meter } from '../../core/limits.ts'
import { MemoryLedger } from '../../stores/index.ts'
import { limited } from './limited.ts'
import { DEFAULT_LIMIT_SETTINGS } from './settings.ts'

/** The levels at which a limit may stand. */
const LEVELS = ['server', 'route', 'key', 'user', 'team', 'tag'] as const
type Level = (typeof LEVELS)[number]

const METERS: readonly Meter[] = ['requests', 'tokens', 'cost', 'concurrent']
const WINDOWS: readonly LimitWindow[] = [
  { kind: 'calendar', per: 'day' },
  { kind: 'rolling', ms: 60_000 },
]

/** What one request takes: its prompt is counted by bytes, the answer is 100 tokens at most, and it costs a dollar. */
const BODY = '{"messages":[{"role":"user","content":"Hello"}],"max_tokens":100}'
const ONE: Readonly<Record<Meter, number>> = {
  requests: 1,
  concurrent: 1,
  tokens: Math.ceil(BODY.length / 4) + 100,
  cost: 1,
}

function ruleOf(
  level: Level,
  meter: Meter,
  { most, window }: { most: number; window: LimitWindow },
): LimitRule {
  const by: LimitScope = level === 'tag' ? 'tag:project' : level === 'server' ? 'all' : level
  return {
    id: `limits|${meter}/${level}`,
    meter,
    most,
    ...(meter !== 'concurrent' && { window }),
    by: level === 'key' || level === 'user' || level === 'team' ? 'all' : by,
    action: 'reject',
    alertAt: [],
  }
}

interface Rig {
  readonly ask: (id: string) => Promise<unknown>
  readonly standing: (level: Level) => Promise<number>
}

/** A limit at each level; the one at `narrow` has room for two requests, the others for a hundred. */
function rig(narrow: Level, meter: Meter, window: LimitWindow): Rig {
  const ledger = new MemoryLedger({})
  const rules = LEVELS.map((level): readonly [Level, LimitRule] => {
    const most = ONE[meter] * (level === narrow ? 2.5 : 100)
    const whole = meter === 'cost' ? most : Math.floor(most)
    return [level, ruleOf(level, meter, { most: whole, window })]
  })
  const at = (level: Level): LimitRule[] => rules.flatMap(([one, rule]) => (one === level ? [rule] : []))
  const identity: Identity = {
    by: 'key',
    id: 'k1',
    name: 'one',
    user: 'ann',
    team: 'search',
    tags: { project: 'x' },
    routes: ['*'],
    limits: [
      ...placed(at('key'), { kind: 'key', name: 'k1' }),
      ...placed(at('user'), { kind: 'user', name: 'ann' }),
      ...placed(at('team'), { kind: 'team', name: 'search' }),
    ],
  }
  const own = [...at('server'), ...at('tag'), ...placed(at('route'), { kind: 'route', name: 'r' })]
  const endless = new Promise<never>(() => undefined)
  const run = limited(
    {
      name: 'r',
      rules: own,
      ledger,
      settings: DEFAULT_LIMIT_SETTINGS,
      prices: [{ input: 0, output: 0, request: 1 }],
      params: undefined,
    },
    async () => makeReply('{}', endless),
  )
  return {
    async ask(id) {
      const call = makeCall(BODY)
      const asked = { endpoint: '/x', body: Buffer.from(BODY) }
      const caller = new Caller(call.caller.head, identity)
      const whole: Call = { ...call, id, asked, caller }
      return await Promise.resolve(run(whole)).then(
        () => 'let through',
        (error: unknown) => error,
      )
    },
    async standing(level) {
      const rule = [...own, ...identity.limits].find(({ id }) => id.endsWith(`/${level}`))
      if (!rule) throw new Error(`no rule at ${level}`)
      const whose: Partial<Record<Level, string>> = { route: 'r', tag: 'x' }
      const bucket = `${rule.id}=${whose[level] ?? ''}`
      const [standing] = ledger.standings([{ rule, bucket, amount: 0, of: {} }])
      return (standing?.used ?? 0) + (standing?.reserved ?? 0)
    },
  }
}

const TABLE = LEVELS.flatMap((level) =>
  METERS.flatMap((meter) =>
    WINDOWS.filter((window) => meter !== 'concurrent' || window.kind === 'calendar').map(
      (window) => [level, meter, window.kind, window] as const,
    ),
  ),
)

describe('of limits at every level', () => {
  test.each(TABLE)(
    'the one of the %s on %s (%s) is the tightest: it refuses',
    async (level, meter, _kind, window) => {
      const { ask, standing } = rig(level, meter, window)
      expect([await ask('a'), await ask('b')]).toEqual(['let through', 'let through'])
      const before = await Promise.all(LEVELS.map((one) => standing(one)))
      // All levels count, and all the same.
      expect(new Set(before).size).toBe(1)
      expect(before[0]).toBeGreaterThan(0)
      const refused = await ask('c')
      expect(refused).toBeInstanceOf(GatewayError)
      expect(refused).toMatchObject({
        status: 429,
        code: meter === 'cost' ? 'budget_exceeded' : 'rate_limit_exceeded',
      })
      // What the others had room for is not kept by them.
      expect(await Promise.all(LEVELS.map((one) => standing(one)))).toEqual(before)
    },
  )
})
