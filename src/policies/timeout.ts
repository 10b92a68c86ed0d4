import { option } from '../core/options.ts'
import type { Call } from '../core/call.ts'
import { Cancellation } from '../core/cancel.ts'
import { GatewayError } from '../core/error.ts'
import { asNumber } from '../core/json.ts'
import type { Layer, Next, Policy } from '../core/policy.ts'
import type { Reply } from '../core/reply.ts'

const DEFAULT_TOTAL_MS = 300_000

/** Ends a call that takes too long. The default of five minutes is MLflow's. */
export const timeout: Policy = {
  name: 'timeout',
  around: 'attempt',
  options: option.object({
    first_token: option.optional(
      option.duration({
        description: 'How long a provider may take to its first content, or to a whole answer.',
      }),
    ),
    total: option.optional(
      option.duration({
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

async function runWithin({ firstTokenMs, totalMs }: Limits, call: Call, next: Next): Promise<Reply> {
  const signal = new Cancellation(call.signal)
  const total = abortAfter(signal, totalMs, 'an answer')
  const first = firstTokenMs === undefined ? undefined : abortAfter(signal, firstTokenMs, 'its first content')
  const done = (): void => {
    clearTimeout(total)
    signal.release()
  }
  try {
    const reply = await next({ ...call, signal })
    void reply.finished.then(done)
    return reply
  } catch (error) {
    done()
    throw error
  } finally {
    clearTimeout(first)
  }
}

function abortAfter(signal: Cancellation, ms: number, awaited: string): NodeJS.Timeout {
  return setTimeout(() => {
    const message = `The provider did not give ${awaited} within ${ms / 1000} seconds.`
    signal.abort(new GatewayError(message, { kind: 'timeout', status: 504 }))
  }, ms)
}
