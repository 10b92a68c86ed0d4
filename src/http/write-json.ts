import type { ServerResponse } from 'node:http'
import type { HeaderList } from './header-list.ts'

export interface JsonAnswer {
  status: number
  headers?: Readonly<HeaderList>
  /** Absent: `application/json`. */
  contentType?: string | undefined
  /** JSON text. */
  body: Buffer | string
}

/** Up to here a body is written together with its head, in one system call. */
const SMALL_BYTES = 16 * 1024

const FIXED_HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']

/** Answer with JSON. No charset: JSON has none, and MLflow's servers send none. */
export function writeJson(response: ServerResponse, answer: JsonAnswer): void {
  const { status, headers = [], contentType = 'application/json', body } = answer
  if (response.destroyed) return
  const length = Buffer.byteLength(body)
  response.writeHead(status, [
    'content-type',
    contentType,
    'content-length',
    String(length),
    ...FIXED_HEADERS,
    ...headers,
  ])
  // Node joins a head with a string, not with a buffer; latin1 keeps every byte as it is.
  if (typeof body === 'string') response.end(body, length === body.length ? 'latin1' : 'utf8')
  else if (length <= SMALL_BYTES) response.end(body.toString('latin1'), 'latin1')
  else response.end(body)
}
