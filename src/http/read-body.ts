import { GatewayError, toGatewayError } from '../core/error.ts'
import type { ClientConnection } from './client-connection.ts'

const EMPTY = Buffer.alloc(0)

/**
 * A client's whole request body. Rejects when it is larger than `limit` bytes or encoded, and with the reason of the
 * connection's signal when that is aborted first: the client left, or the gateway shuts down.
 */
export function readBody(
  { request, signal }: Pick<ClientConnection, 'request' | 'signal'>,
  limit: number,
): Promise<Buffer> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.reject(
      refuse(415, `Content-Encoding '${encoding}' is not accepted; send the body as it is.`),
    )
  }
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes <= limit) return
      request.pause()
      reject(tooLarge(limit))
    })
    const stop = (): void => {
      request.pause()
      reject(toGatewayError(signal.reason))
    }
    request.on('end', () => {
      signal.removeEventListener('abort', stop)
      resolve(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks))
    })
    // Node's way to say that the connection closed in the middle; a reason of ours comes before it.
    request.on('error', (cause) => reject(left(cause)))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
}

function left(cause: Error): GatewayError {
  return new GatewayError('The client left before its request was complete.', {
    kind: 'canceled',
    status: 499,
    cause,
  })
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError(
    `The request body is larger than ${limit} bytes. Send less, or raise server.body_limit in the gateway's configuration.`,
    { kind: 'too_large', status: 413 },
  )
}

function refuse(status: number, message: string): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status })
}
