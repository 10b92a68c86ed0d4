import type { RequestSummary } from '../../src/admin/contract.ts'

type Tokens = NonNullable<RequestSummary['tokens']>

/** All of them. */
export function tokensOf(tokens: Tokens): number {
  return Object.values(tokens).reduce((sum, count) => sum + count, 0)
}

const NAMES: Readonly<Record<keyof Tokens, string>> = {
  input: 'Input',
  cacheRead: 'Input, read from the cache',
  cacheWrite5m: 'Input, written to the cache',
  cacheWrite1h: 'Input, written to the cache for an hour',
  inputAudio: 'Input, sound',
  inputImage: 'Input, pictures',
  output: 'Output',
  reasoning: 'Output, thinking',
  outputAudio: 'Output, sound',
  outputImage: 'Output, pictures',
}

/** Those that there are, with their names. */
export function namedTokens(tokens: Tokens): (readonly [name: string, count: number])[] {
  return Object.entries(NAMES).flatMap(([kind, name]) => {
    const count = tokens[kind as keyof Tokens]
    return count > 0 ? [[name, count] as const] : []
  })
}
