import type { ServerResponse } from 'node:http'

export interface JsonAnswer {
  status: number
  headers?: Record<string, string>
  /** JSON text. */
  body: Buffer | string
}

/** Answer with JSON. No charset: JSON has none, and MLflow's servers send none. */
export function writeJson(response: ServerResponse, { status, headers, body }: JsonAnswer): void {
  if (response.destroyed) return
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(body)
}
