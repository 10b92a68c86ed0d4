import { GatewayError } from '../../core/error.ts'
import type { Claim, LimitRule, LimitScope, Standing } from '../../core/limits.ts'

/** What the caller of a request is told for which a limit has no room. */
export function refusal({ rule, amount }: Claim, standing: Standing): GatewayError {
  const isBudget = rule.meter === 'cost'
  const seconds = Math.max(Math.ceil(standing.resetMs / 1000), 1)
  const message = `${isBudget ? 'Budget' : 'Rate limit'} exceeded: ${describe(rule)}.${tooLarge(amount, standing)}`
  return new GatewayError(message, {
    kind: 'busy',
    status: 429,
    code: isBudget ? 'budget_exceeded' : 'rate_limit_exceeded',
    retryAfter: String(seconds),
  })
}

/** A budget cannot be held with a model that may cost anything. */
export function priceUnknown(): GatewayError {
  return new GatewayError(
    'What this costs is limited, but the price of the model is not known. Give it a "price" in the configuration.',
    { kind: 'bad_request', status: 403, code: 'price_unknown' },
  )
}

/** A rule in a few words: `600 requests per minute for each key`. */
export function describe({ meter, most, window, by, place }: LimitRule): string {
  const what =
    meter === 'cost' ? `${most} USD` : meter === 'concurrent' ? `${most} at one time` : `${most} ${meter}`
  const whose = by === 'all' ? (place ? ` for this ${place.kind}` : '') : ` for each ${scopeName(by)}`
  if (!window) return what + whose
  const per = window.kind === 'calendar' ? window.per : `${Math.round(window.ms / 1000)} s`
  return `${what} per ${per}${whose}`
}

function scopeName(by: LimitScope): string {
  return by.startsWith('tag:') ? by.slice('tag:'.length) : by
}

function tooLarge(amount: number, { most }: Standing): string {
  return amount > most ? ' This request alone may need more than that; lower its maximum of tokens.' : ''
}
