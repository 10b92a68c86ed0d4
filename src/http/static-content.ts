import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** An answer that stays the same, with what a browser needs to keep its copy. */
export interface StaticContent {
  contentType: string
  body: Buffer
  /** A strong validator: the same tag means the same bytes. */
  etag: string
  /** The same smaller, for those who take it so. */
  gzip?: Buffer
}

/** Bytes and their type as an answer that browsers can keep and ask about. */
export function staticContent(contentType: string, body: Buffer): StaticContent {
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 27)
  return { contentType, body, etag: `"${digest}"` }
}

/** The same with a smaller copy, which is made once. */
export function compressed(content: StaticContent): StaticContent {
  return { ...content, gzip: gzipSync(content.body, { level: 9 }) }
}

/** Sends the content, or 304 when the client's copy is the same. `headers` go with both. */
export function sendStatic(
  request: IncomingMessage,
  response: ServerResponse,
  { content, headers = {} }: { content: StaticContent; headers?: Readonly<Record<string, string>> },
): void {
  const common = {
    // Kept by the browser, but asked about each time: an upgrade or a reload shows at once.
    'cache-control': 'no-cache',
    etag: content.etag,
    'x-content-type-options': 'nosniff',
    ...headers,
  }
  if (matches(request.headers['if-none-match'], content.etag)) {
    response.writeHead(304, common)
    response.end()
    return
  }
  const small = /\bgzip\b/.test(String(request.headers['accept-encoding'])) ? content.gzip : undefined
  const body = small ?? content.body
  response.writeHead(200, {
    'content-type': content.contentType,
    'content-length': body.length,
    ...(content.gzip && { vary: 'accept-encoding' }),
    ...(small && { 'content-encoding': 'gzip' }),
    ...common,
  })
  response.end(body)
}

/** RFC 9110, 13.1.2: a list of tags, compared weakly, since proxies that compress make tags weak. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((tag) => {
    const trimmed = tag.trim()
    return trimmed === '*' || trimmed.replace(/^W\//, '') === etag
  })
}
