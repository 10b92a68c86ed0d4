/** Token counts of one reply, as the provider reported them. A count that was not reported is absent, never 0. */
export interface Usage {
  /** All prompt tokens, cached ones included. */
  inputTokens?: number
  /** All tokens of the answer, thinking included. */
  outputTokens?: number
  totalTokens?: number
  /** The part of `inputTokens` that was read from the provider's cache. */
  cacheReadTokens?: number
  /** The part of `inputTokens` that was written to its cache, for 5 minutes (or for a time that was not said). */
  cacheWriteTokens?: number
  /** The part of `inputTokens` that was written to its cache for an hour. */
  cacheWrite1hTokens?: number
  /** The parts of `inputTokens` that were sound and pictures. */
  inputAudioTokens?: number
  inputImageTokens?: number
  /** The part of `outputTokens` spent on thinking. */
  reasoningTokens?: number
  /** The parts of `outputTokens` that are sound and pictures. */
  outputAudioTokens?: number
  outputImageTokens?: number
  /** Searches that the provider made on the web, billed apart. */
  webSearches?: number
  /** Units of reranking, billed apart (Cohere). */
  searchUnits?: number
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

/** Counts of tokens that each belong to one class only, so that they can be priced and summed. */
export interface UsageClasses {
  input: number
  cacheRead: number
  cacheWrite5m: number
  cacheWrite1h: number
  inputAudio: number
  inputImage: number
  output: number
  reasoning: number
  outputAudio: number
  outputImage: number
}

/** The counts of which `classifyUsage` makes these classes. */
export function usageOf(
  classes: UsageClasses,
): Required<Omit<Usage, 'totalTokens' | 'webSearches' | 'searchUnits'>> {
  const { cacheRead, cacheWrite5m, cacheWrite1h, inputAudio, inputImage } = classes
  const { reasoning, outputAudio, outputImage } = classes
  return {
    inputTokens: classes.input + cacheRead + cacheWrite5m + cacheWrite1h + inputAudio + inputImage,
    outputTokens: classes.output + reasoning + outputAudio + outputImage,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite5m,
    cacheWrite1hTokens: cacheWrite1h,
    inputAudioTokens: inputAudio,
    inputImageTokens: inputImage,
    reasoningTokens: reasoning,
    outputAudioTokens: outputAudio,
    outputImageTokens: outputImage,
  }
}

/** The disjoint classes. Parts that a provider counts larger than their whole never make a class negative. */
export function classifyUsage(usage: Usage): UsageClasses {
  const { cacheReadTokens: cacheRead = 0, cacheWriteTokens: cacheWrite5m = 0 } = usage
  const { cacheWrite1hTokens: cacheWrite1h = 0, reasoningTokens: reasoning = 0 } = usage
  const { inputAudioTokens: inputAudio = 0, inputImageTokens: inputImage = 0 } = usage
  const { outputAudioTokens: outputAudio = 0, outputImageTokens: outputImage = 0 } = usage
  const inputParts = cacheRead + cacheWrite5m + cacheWrite1h + inputAudio + inputImage
  const outputParts = reasoning + outputAudio + outputImage
  return {
    input: Math.max((usage.inputTokens ?? 0) - inputParts, 0),
    output: Math.max((usage.outputTokens ?? 0) - outputParts, 0),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
    inputAudio,
    inputImage,
    reasoning,
    outputAudio,
    outputImage,
  }
}
