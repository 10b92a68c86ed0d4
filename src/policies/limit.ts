import { untilWindowEnds } from '../core/counters.ts'
import { GatewayError } from '../core/error.ts'
import { asNumber, asString } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { Layer, LayerPolicy, PolicyOptions, PolicyTools } from '../core/policy.ts'

/** MLflow's six words. Its month has 30 days too. */
const PERIODS_MS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
}

/** So many calls of a route in each period, all callers and workers together. Keys and meaning are MLflow's (2.9). */
export const limit: LayerPolicy = {
  name: 'limit',
  around: 'request',
  options: option.object({
    calls: option.integer({ description: 'How many calls the route takes in each period.', minimum: 1 }),
    renewal_period: option.oneOf(Object.keys(PERIODS_MS), {
      description:
        'The period: it begins with the second, minute, hour or day of the clock (UTC). A month is 30 days, a year 365.',
      ignoreCase: true,
    }),
    key: option.optional({
      type: 'null',
      description: 'Of MLflow, which shows it and makes no use of it; nothing but null.',
    }),
  }),
  create(options: PolicyOptions | undefined, { route, counters }: PolicyTools): Layer | undefined {
    const calls = asNumber(options?.['calls'])
    const period = asString(options?.['renewal_period'])
    const windowMs = PERIODS_MS[period ?? '']
    if (calls === undefined || period === undefined || windowMs === undefined) return undefined
    const key = `limit ${route.name}`
    const refusal = `Rate limit exceeded: ${calls} per 1 ${period}`
    return async (call, next) => {
      const sum = await counters.add(key, 1, windowMs)
      if (sum <= calls) return next(call)
      call.trail.note('limit', `refused: call ${sum} of ${calls} in this ${period}`)
      throw refuse(refusal, untilWindowEnds(windowMs))
    }
  },
}

function refuse(message: string, waitMs: number): GatewayError {
  const retryAfter = String(Math.ceil(waitMs / 1000))
  return new GatewayError(message, { kind: 'busy', status: 429, retryAfter })
}
