import type { ByteSource } from '../core/bytes.ts'
import { GatewayError } from '../core/error.ts'

/** A whole answer may be this large. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024
const EMPTY = Buffer.alloc(0)

/** All bytes of a provider's answer. Rejects with the source's error, or when the answer is too large. */
export function readWhole(source: ByteSource): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    source.flow({
      data(chunk): void {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes <= MAX_WHOLE_BYTES) return
        source.cancel()
        reject(
          new GatewayError("The provider's answer is larger than 64 MiB.", {
            kind: 'bad_response',
            status: 502,
          }),
        )
      },
      end: () => resolve(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks)),
      error: reject,
    })
  })
}
