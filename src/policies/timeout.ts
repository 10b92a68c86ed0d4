import { Type } from 'typebox'
import type { Call } from '../core/call.ts'
import { GatewayError } from '../core/error.ts'
import { asNumber } from '../core/json.ts'
import { DurationOption } from '../core/options.ts'
import type { Layer, Next, Policy } from '../core/policy.ts'
import type { Reply } from '../core/reply.ts'

const DEFAULT_TOTAL_MS = 300_000

/** Ends a call that takes too long. The default of five minutes is MLflow's. */
export const timeout: Policy = {
  name: 'timeout',
  around: 'attempt',
  options: Type.Object({
    first_token: Type.Optional(
      DurationOption({
        description: 'How long a provider may take to its first content, or to a whole answer.',
      }),
    ),
    total: Type.Optional(
      DurationOption({
        description: 'How long one request may take, the whole stream included.',
        default: '5m',
      }),
    ),
  }),
  create(options): Layer {
    const firstTokenMs = asNumber(options['first_token'])
    const totalMs = asNumber(options['total']) ?? DEFAULT_TOTAL_MS
    return (call, next) => runWithin({ firstTokenMs, totalMs }, call, next)
  },
}

interface Limits {
  firstTokenMs: number | undefined
  totalMs: number
}

async function runWithin(limits: Limits, call: Call, next: Next): Promise<Reply> {
  const late = new AbortController()
  const total = abortAfter(late, limits.totalMs, 'an answer')
  const first =
    limits.firstTokenMs === undefined ? undefined : abortAfter(late, limits.firstTokenMs, 'its first content')
  try {
    const reply = await next({ ...call, signal: AbortSignal.any([call.signal, late.signal]) })
    void reply.finished.then(() => clearTimeout(total))
    return reply
  } catch (error) {
    clearTimeout(total)
    throw error
  } finally {
    clearTimeout(first)
  }
}

function abortAfter(late: AbortController, ms: number, awaited: string): NodeJS.Timeout {
  return setTimeout(() => {
    late.abort(
      new GatewayError(`The provider did not give ${awaited} within ${ms / 1000} seconds.`, {
        kind: 'timeout',
        status: 504,
      }),
    )
  }, ms)
}
