/** Token counts of one reply, as the provider reported them. A count that was not reported is absent, never 0. */
export interface Usage {
  /** All prompt tokens, cached ones included. */
  inputTokens?: number
  outputTokens?: number
  totalTokens?: number
  /** The part of `inputTokens` that was read from the provider's cache. */
  cachedInputTokens?: number
  /** The part of `outputTokens` spent on thinking. */
  reasoningTokens?: number
}

/** `later` laid over `earlier`: providers that report usage twice mean the last figures. */
export function mergeUsage(earlier: Usage | undefined, later: Usage | undefined): Usage | undefined {
  if (!earlier) return later
  return later ? { ...earlier, ...later } : earlier
}

/** The total, reported or summed; undefined when a side is unknown. */
export function totalTokens(usage: Usage): number | undefined {
  if (usage.totalTokens !== undefined) return usage.totalTokens
  if (usage.inputTokens === undefined || usage.outputTokens === undefined) return undefined
  return usage.inputTokens + usage.outputTokens
}
