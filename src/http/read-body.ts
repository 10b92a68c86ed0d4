import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../core/error.ts'

const EMPTY = Buffer.alloc(0)

/** A client's whole request body. Rejects when it is larger than `limit` bytes, encoded, or cut short. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
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
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks)))
    request.on('error', () => reject(refuse(400, 'The request body ended before it was complete.')))
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
