/**
 * Where clients of the dialects put their credential: OpenAI, Anthropic, Gemini, Azure, and AWS. They are for the gateway
 * and are never sent on to a provider.
 */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-mlflow-authorization',
])

/** Query parameters in which Gemini's clients send theirs, and URLs that AWS's have signed. */
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  'key',
  'access_token',
  'api_key',
  'api-key',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
])

/** Whether a header, in lower case, holds a client's credential. */
export function isCredential(header: string): boolean {
  return CREDENTIAL_HEADERS.has(header)
}

/** A query string without credentials; all else keeps its bytes and order. */
export function withoutCredentials(query: string): string {
  return query
    .split('&')
    .filter((pair) => !CREDENTIAL_PARAMETERS.has(nameOf(pair)))
    .join('&')
}

function nameOf(pair: string): string {
  const name = pair.split('=', 1)[0] ?? ''
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).toLowerCase()
  } catch {
    return name.toLowerCase()
  }
}
