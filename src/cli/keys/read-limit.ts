import { bareContext } from '../../config/check.ts'
import { readLimits } from '../../config/read-limits.ts'
import type { LimitRule } from '../../core/limits.ts'

/** `600 requests per minute`, `1_000_000 tokens per 24h`, `500 usd per month rolling`, `20 concurrent`. */
const WORDS =
  /^\$?(?<most>\d[\d_]*(?:\.\d+)?)\s+(?<meter>[a-z]+)(?:\s+per\s+(?<per>\S+))?(?:\s+(?<window>rolling))?$/i

const METERS: Readonly<Record<string, string>> = {
  request: 'requests',
  token: 'tokens',
  usd: 'cost',
  dollar: 'cost',
  cost: 'cost',
  concurrent: 'concurrent',
}

export const LIMIT_EXAMPLES =
  '"600 requests per minute", "1000000 tokens per day", "500 usd per month", "20 concurrent"'

/** The rules that such words mean; a text says what is wrong with the first that means none. */
export function readLimitWords(words: readonly string[]): LimitRule[] | string {
  const written: Record<string, unknown>[] = []
  for (const text of words) {
    const { most = '', meter = '', per, window } = WORDS.exec(text.trim())?.groups ?? {}
    const name = METERS[meter.toLowerCase().replace(/s$/, '')] ?? METERS[meter.toLowerCase()]
    if (name === undefined) return `"${text}" is no limit: write one as in ${LIMIT_EXAMPLES}`
    const number = Number(most.replaceAll('_', ''))
    const rule = {
      [name]: number,
      ...(per !== undefined && { per: per.toLowerCase() }),
      ...(window !== undefined && { window: window.toLowerCase() }),
    }
    written.push(rule)
  }
  const context = bareContext()
  const rules = readLimits(written, ['limits'], context)
  const [problem] = context.problems
  if (!problem) return rules
  const [, index] = problem.path
  const text = typeof index === 'number' ? words[index] : undefined
  return `"${text ?? words.join('", "')}": ${problem.message}`
}
