import type { Trail } from '../core/trail.ts'
import type { HeaderList } from './header-list.ts'

/**
 * `x-ratelimit-*` of the tightest limit on requests and on tokens, in the form that OpenAI gave them. Limits that only
 * warn are the operator's own affair.
 */
export function writeStandings(headers: HeaderList, { standings }: Trail): void {
  for (const meter of ['requests', 'tokens'] as const) {
    let tightest: { most: number; remaining: number; resetMs: number } | undefined
    for (const { rule, standing } of standings) {
      if (rule.meter !== meter || rule.action === 'alert') continue
      const { most, used, reserved, resetMs } = standing
      const remaining = Math.max(most - used - reserved, 0)
      if (!tightest || remaining < tightest.remaining) tightest = { most, remaining, resetMs }
    }
    if (!tightest) continue
    headers.push(
      `x-ratelimit-limit-${meter}`,
      String(tightest.most),
      `x-ratelimit-remaining-${meter}`,
      String(tightest.remaining),
      `x-ratelimit-reset-${meter}`,
      `${Math.ceil(tightest.resetMs / 1000)}s`,
    )
  }
}
