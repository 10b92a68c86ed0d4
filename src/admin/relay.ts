import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'

/** What of the answer's head is of use to the page. */
const KEPT = /^(?:content-type|retry-after|x-.*)$/

/** An answer of the data plane as it comes. When the reader leaves, what asked is taken back. */
export async function writeRelay(response: ServerResponse, answer: IncomingMessage): Promise<void> {
  const { headers, statusCode = 502 } = answer
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    value !== undefined && KEPT.test(name) ? [[name, value] as const] : [],
  )
  response.writeHead(statusCode, {
    ...Object.fromEntries(kept),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.flushHeaders()
  await pipeline(answer, response).catch(() => response.destroy())
}
