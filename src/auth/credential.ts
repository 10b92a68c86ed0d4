import type { RequestHead } from '../core/dialect.ts'

/**
 * The credential that a request brings: the first of those that clients of OpenAI, Anthropic, Gemini and Azure send.
 * `inQuery`: whether `?key=` is one, as it is for Gemini's alone.
 */
export function credentialOf({ headers, search }: RequestHead, inQuery: boolean): string | undefined {
  const { authorization } = headers
  if (typeof authorization === 'string' && authorization !== '') return tokenOf(authorization)
  for (const name of KEY_HEADERS) {
    const value = headers[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return (inQuery && search.get('key')) || undefined
}

const KEY_HEADERS = ['x-api-key', 'x-goog-api-key', 'api-key'] as const

/** `Bearer` in any case; what has another scheme is given whole, and is no key. */
function tokenOf(authorization: string): string {
  return /^bearer +/i.test(authorization) ? authorization.slice('bearer'.length).trim() : authorization
}
