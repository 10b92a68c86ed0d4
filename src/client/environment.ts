/** An environment variable where there is an environment (not in browsers); an empty one counts as unset. */
export function environmentVariable(name: string): string | undefined {
  if (typeof process === 'undefined') return undefined
  // Bundlers may put a bare `process` object into a page.
  const environment: Record<string, string | undefined> | undefined = process.env
  return environment?.[name]?.trim() || undefined
}
