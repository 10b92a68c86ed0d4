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
  const length = Buffer.byteLength(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  // Node joins a head with a string, not with a buffer; latin1 keeps every byte as it is.
  if (typeof body === 'string') response.end(body, length === body.length ? 'latin1' : 'utf8')
  else if (length <= SMALL_BYTES) response.end(body.toString('latin1'), 'latin1')
  else response.end(body)
}
