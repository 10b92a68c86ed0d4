import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { ByteSink, ByteSource } from '../core/bytes.ts'
import { GatewayError } from '../core/error.ts'
import { decodedSource } from './decoded-source.ts'

/** A source that gives these bytes in pieces, and remembers what it was told. */
class Pieces implements ByteSource {
  readonly told: string[] = []
  readonly #bytes: Buffer
  readonly #failure: GatewayError | undefined

  constructor(bytes: Buffer, failure?: GatewayError) {
    this.#bytes = bytes
    this.#failure = failure
  }

  flow(sink: ByteSink): void {
    for (let at = 0; at < this.#bytes.length; at += 1000) sink.data(this.#bytes.subarray(at, at + 1000))
    if (this.#failure) sink.error(this.#failure)
    else sink.end()
  }
  pause(): void {
    this.told.push('pause')
  }
  resume(): void {
    this.told.push('resume')
  }
  cancel(): void {
    this.told.push('cancel')
  }
}

function read(source: ByteSource): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    source.flow({ data: (chunk) => (text += chunk.toString()), end: () => resolve(text), error: reject })
  })
}

function decoded(source: ByteSource, encoding: string): ByteSource {
  const body = decodedSource(source, encoding)
  if (!body) throw new Error(`no decoder for ${encoding}`)
  return body
}

const TEXT = 'Hé, wörld. '.repeat(5000)

describe('a packed body', () => {
  test.each([
    ['gzip', gzipSync(TEXT)],
    [' X-GZIP ', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
  ])('of %s is unpacked', async (encoding, bytes) => {
    await expect(read(decoded(new Pieces(bytes), encoding))).resolves.toBe(TEXT)
  })

  test.each([
    ['garbage', Buffer.from('not packed at all')],
    ['one that is cut', gzipSync(TEXT).subarray(0, 100)],
  ])('of %s is a bad response', async (_what, bytes) => {
    await expect(read(decoded(new Pieces(bytes), 'gzip'))).rejects.toMatchObject({ kind: 'bad_response' })
  })

  test('may be none at all, as in the answer to a HEAD', async () => {
    await expect(read(decoded(new Pieces(Buffer.alloc(0)), 'gzip'))).resolves.toBe('')
  })

  test("ends with its source's failure", async () => {
    const failure = new GatewayError('cut', { kind: 'truncated', status: 502 })
    await expect(read(decoded(new Pieces(gzipSync(TEXT), failure), 'gzip'))).rejects.toBe(failure)
  })

  test('is given up when its reader has had enough', async () => {
    const source = new Pieces(gzipSync(Buffer.alloc(50 * 1024 * 1024)))
    const body = decoded(source, 'gzip')
    let bytes = 0
    await new Promise<void>((resolve) => {
      body.flow({
        data(chunk): void {
          bytes += chunk.length
          if (bytes < 1024 * 1024) return
          body.cancel()
          resolve()
        },
        end: resolve,
        error: () => resolve(),
      })
    })
    expect(bytes).toBeLessThan(2 * 1024 * 1024)
    expect(source.told).toContain('cancel')
  })
})

test.each(['zstd', 'compress', 'gzip, br'])('nobody can read %s', (encoding) => {
  expect(decodedSource(new Pieces(Buffer.alloc(0)), encoding)).toBeUndefined()
})
