import { createHash, randomUUID } from 'node:crypto'
import { fromNanoUsd, type LimitAlert, type LimitRule } from '../core/limits.ts'

/** What is sent, as JSON. */
export interface Alert {
  /** The same for the same event, also when it is told again after a restart. */
  readonly id: string
  readonly type: 'limit.threshold' | 'limit.refused' | 'test'
  /** ISO 8601. */
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Of a limit of which much is used, or for which requests are refused. Sums of money are in USD. */
export function toAlert({ bucket, rule, of, what, share, standing }: LimitAlert): Alert {
  const now = Date.now()
  const toUnit = (amount: number): number => (rule.meter === 'cost' ? fromNanoUsd(amount) : amount)
  return {
    id: idOf({ bucket, rule, what: `${what} ${share}`, endsAt: now + standing.resetMs }),
    type: `limit.${what}`,
    timestamp: new Date(now).toISOString(),
    data: {
      limit: {
        meter: rule.meter,
        most: rule.most,
        ...(rule.window && { per: perOf(rule.window) }),
        by: rule.by,
        action: rule.action,
        ...(rule.place && { place: rule.place }),
      },
      of: {
        key: of.keyId,
        user: of.user,
        team: of.team,
        route: of.route,
        ...(of.tag && { tag: { [of.tag[0]]: of.tag[1] } }),
      },
      share,
      used: toUnit(standing.used),
      reserved: toUnit(standing.reserved),
      resets_at: new Date(now + standing.resetMs).toISOString(),
    },
  }
}

/** For somebody who wants to see whether alerts arrive. */
export function testAlert(): Alert {
  return { id: `alert_${randomUUID()}`, type: 'test', timestamp: new Date().toISOString(), data: {} }
}

function perOf(window: NonNullable<LimitRule['window']>): string {
  return window.kind === 'calendar' ? window.per : `${Math.round(window.ms / 1000)}s`
}

interface Event {
  readonly bucket: string
  readonly rule: LimitRule
  readonly what: string
  readonly endsAt: number
}

/** A window of the calendar ends at one time, whoever looks at it; one that rolls has no end of its own. */
function idOf({ bucket, rule, what, endsAt }: Event): string {
  if (rule.window?.kind !== 'calendar') return `alert_${randomUUID()}`
  const text = JSON.stringify([bucket, what, Math.round(endsAt / 1000)])
  return `alert_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}
