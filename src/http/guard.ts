import type { IncomingMessage } from 'node:http'

/**
 * What is wrong with a request's framing, or undefined. Node's parser accepts these, and each of them lets two servers
 * in a row understand one request differently.
 */
export function framingError(request: IncomingMessage): string | undefined {
  if (!request.url?.startsWith('/')) return 'The request target must be a path.'
  const { rawHeaders } = request
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  // Load balancers probe with HTTP/1.0, which had no Host header.
  if (hosts === 0 && request.httpVersion === '1.0') return undefined
  return hosts === 1 ? undefined : 'The request must have exactly one Host header.'
}
