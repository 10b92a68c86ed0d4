/** The name of a beta as Anthropic gives them: words and the day on which it came, `context-1m-2025-08-07`. */
const DATED = /^[a-z][a-z0-9-]*-(?:\d{4}-\d{2}-\d{2}|\d{8})$/

/** Whether Anthropic's own API can know a beta by this name; it refuses others. */
export function isAnthropicBeta(name: string): boolean {
  return DATED.test(name)
}

/**
 * The betas of an `anthropic-beta` header (a list with commas) that a provider knows, each once. Clouds that serve Claude
 * refuse the betas that they do not have.
 */
export function selectBetas(header: string | undefined, isKnown: (name: string) => boolean): string[] {
  const names = (header ?? '').split(',').map((name) => name.trim())
  return [...new Set(names)].filter(isKnown)
}
