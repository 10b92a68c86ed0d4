import type { Effort, Reasoning } from './request.ts'

/**
 * Tokens to think with for an effort. The figures up to `high` are those of Google's OpenAI compatibility.
 * Source: https://ai.google.dev/gemini-api/docs/openai#thinking
 */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
}

/** The budget in tokens that a request asks for, by number or by effort; undefined when it leaves that to the model. */
export function budgetOf({ budgetTokens, effort }: Reasoning): number | undefined {
  if (budgetTokens !== undefined) return budgetTokens
  return effort === undefined ? undefined : BUDGETS[effort]
}

/** The effort that a request asks for, by word or by the smallest one whose budget is enough. */
export function effortOf({ effort, budgetTokens }: Reasoning): Effort | undefined {
  if (effort !== undefined || budgetTokens === undefined) return effort
  if (budgetTokens === 0) return 'none'
  if (budgetTokens <= BUDGETS.low) return 'low'
  return budgetTokens <= BUDGETS.medium ? 'medium' : 'high'
}

/** Whether thinking is asked for at all. */
export function wantsThinking(reasoning: Reasoning | undefined): boolean {
  if (!reasoning) return false
  const { effort, budgetTokens, isAdaptive } = reasoning
  if (effort === 'none' || budgetTokens === 0) return false
  return effort !== undefined || budgetTokens !== undefined || isAdaptive === true
}

const EFFORTS: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** `word` when it is one of the efforts. */
export function asEffort(word: unknown): Effort | undefined {
  return EFFORTS.find((effort) => effort === word)
}
