import type { Call } from '../../core/call.ts'
import { toGatewayError } from '../../core/error.ts'
import { toNanoUsd, type Claim, type Ledger, type LimitRule, type Verdict } from '../../core/limits.ts'
import type { Identity } from '../../core/identity.ts'
import type { Next } from '../../core/policy.ts'
import { estimateUsd, type Price } from '../../core/prices.ts'
import type { Finish, Reply } from '../../core/reply.ts'
import type { RequestParams } from '../target.ts'
import { chargesOf } from './charge.ts'
import { claimsOf, type OpenClaim } from './claims.ts'
import { estimateSize, type Size } from './estimate.ts'
import { priceUnknown, refusal } from './refusal.ts'
import type { LimitSettings } from './settings.ts'

/** What limits need to know of a route. */
export interface LimitedRoute {
  readonly name: string
  /** Those of the whole gateway and the route's own; callers bring theirs. */
  readonly rules: readonly LimitRule[]
  readonly ledger: Ledger
  readonly settings: LimitSettings
  /** Of the route's own targets, undefined where nobody knows. */
  readonly prices: readonly (Price | undefined)[]
  readonly params: RequestParams | undefined
}

/**
 * The route behind its limits: what a request is about to use is reserved before it runs, under every rule that applies
 * or under none, and what it did use is put in its place once the answer has ended, however it ended.
 */
export function limited(route: LimitedRoute, next: Next): Next {
  const openClaims = remembered((identity) => {
    return claimsOf([...route.rules, ...(identity?.limits ?? [])], { route: route.name, identity })
  })
  return (call) => {
    const open = openClaims(call.caller.identity)
    if (open.length === 0) return next(call)
    const size = open.some(needsSize) ? sizeOf(call, route) : NO_SIZE
    const claims = open.map(({ rule, bucket, of }): Claim => {
      return { rule, bucket, of, amount: amountOf(rule, { size, route, call }) }
    })
    return pass({ call, claims, size }, route, next)
  }
}

/** The same for the same caller, for as long as that one is known. */
function remembered<Value>(
  make: (identity: Identity | undefined) => Value,
): (identity: Identity | undefined) => Value {
  const ofNobody = make(undefined)
  const byIdentity = new WeakMap<Identity, Value>()
  return (identity) => {
    if (!identity) return ofNobody
    const known = byIdentity.get(identity)
    if (known) return known
    const value = make(identity)
    byIdentity.set(identity, value)
    return value
  }
}

const NO_SIZE: Size = { inputTokens: 0, outputTokens: 0 }

interface Passing {
  readonly call: Call
  readonly claims: readonly Claim[]
  readonly size: Size
}

async function pass({ call, claims, size }: Passing, { ledger }: LimitedRoute, next: Next): Promise<Reply> {
  const { id, signal, trail } = call
  const asked = ledger.reserve(id, claims)
  const verdict = asked instanceof Promise ? await asked : asked
  trail.standings = told(claims, verdict)
  if (!verdict.ok) {
    trail.note('limits', `refused: ${verdict.refused.bucket}`)
    throw refused(claims, verdict, trail)
  }
  const settle = (finish: Finish, hasBegun: boolean): void => {
    ledger.settle(id, chargesOf(claims, { trail, finish, hasBegun, size }))
  }
  try {
    if (signal.aborted) throw toGatewayError(signal.reason)
    const reply = await next(call)
    void reply.finished.then((finish) => settle(finish, true))
    return reply
  } catch (thrown) {
    settle({ error: toGatewayError(thrown) }, false)
    throw thrown
  }
}

function refused(
  claims: readonly Claim[],
  { refused: standing }: Extract<Verdict, { ok: false }>,
  trail: Call['trail'],
): Error {
  const claim = claims.find(({ bucket }) => bucket === standing.bucket) ?? claims[0]
  trail.refusedFor = claim?.rule.meter
  return claim ? refusal(claim, standing) : new Error('the ledger refused nothing')
}

function told(claims: readonly Claim[], { standings }: Verdict): Call['trail']['standings'] {
  return standings.flatMap((standing, index) => {
    const rule = claims[index]?.rule
    return rule ? [{ rule, standing }] : []
  })
}

function needsSize({ rule: { meter } }: OpenClaim): boolean {
  return meter === 'tokens' || meter === 'cost'
}

function sizeOf(call: Call, { settings, params }: LimitedRoute): Size {
  return estimateSize(call, { assumedOutputTokens: settings.assumedOutputTokens, params })
}

function amountOf(
  { meter }: LimitRule,
  { size, route, call }: { size: Size; route: LimitedRoute; call: Call },
): number {
  if (meter === 'tokens') return size.inputTokens + size.outputTokens
  if (meter !== 'cost') return 1
  return call.trail.hasClientKey ? 0 : toNanoUsd(dearest(size, route))
}

/** As if it went to the dearest of the route's targets: a budget is to hold wherever it goes. */
function dearest(size: Size, { prices, settings }: LimitedRoute): number {
  let most = 0
  for (const price of prices) {
    const usd = price && estimateUsd(price, size)
    if (usd === undefined && settings.unknownPrice === 'reject') throw priceUnknown()
    most = Math.max(most, usd ?? 0)
  }
  return most
}
