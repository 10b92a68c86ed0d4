import type { ServerResponse } from 'node:http'

export interface JsonAnswer {
  status: number
  headers?: Record<string, string>
  /** JSON text. */
  body: Buffer | string
}

/** Up to here a body is written together with its head, in one system call. */
const SMALL_BYTES = 16 * 1024

/** Answer with JSON. No charset: JSON has none, and MLflow's servers send none. */
export function writeJson(response: ServerResponse, { status, headers, body }: JsonAnswer): void {
  if (response.destroyed) return
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  // Node joins a head with a string, not with a buffer; latin1 keeps every byte as it is.
  if (bytes.length <= SMALL_BYTES) response.end(bytes.toString('latin1'), 'latin1')
  else response.end(bytes)
}
