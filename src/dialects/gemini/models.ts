/**
 * The generation of a Gemini model by its name: 3 of `gemini-3-pro-preview`, 2.5 of `gemini-2.5-flash`. The names that
 * follow the latest model (`gemini-flash-latest`) are of the third. Undefined for what is no such name.
 */
export function generationOf(model: string | null): number | undefined {
  const version = /gemini-(\d+(?:\.\d+)?)/.exec(model ?? '')?.[1]
  if (version !== undefined) return Number(version)
  return /gemini-.*latest/.test(model ?? '') ? 3 : undefined
}

/** Whether a model takes pictures in tool results, levels of thinking, and insists on signatures of its calls. */
export function isThirdGeneration(model: string | null): boolean {
  return (generationOf(model) ?? 0) >= 3
}
