import { createBrotliDecompress, createGunzip, createInflate, type Gunzip } from 'node:zlib'
import type { ByteSink, ByteSource } from '../core/bytes.ts'
import { GatewayError } from '../core/error.ts'

type Decoder = Pick<Gunzip, 'on' | 'write' | 'end' | 'pause' | 'resume' | 'destroy' | 'once'>

const DECODERS: ReadonlyMap<string, () => Decoder> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
 * A provider's body unpacked, for those that pack it although the gateway asks them not to. It is unpacked no faster than
 * it is taken, so a body that grows a thousandfold meets the same bounds as a large one. Undefined for an encoding that
 * nobody can read.
 */
export function decodedSource(source: ByteSource, encoding: string): ByteSource | undefined {
  const create = DECODERS.get(encoding.trim().toLowerCase())
  return create && new DecodedSource(source, create())
}

class DecodedSource implements ByteSource {
  readonly #source: ByteSource
  readonly #decoder: Decoder
  #isOver = false
  #hasBegun = false

  constructor(source: ByteSource, decoder: Decoder) {
    this.#source = source
    this.#decoder = decoder
  }

  flow(sink: ByteSink): void {
    const end = (finish: () => void): void => {
      if (this.#isOver) return
      this.#isOver = true
      finish()
    }
    this.#decoder.on('data', (chunk: Buffer) => {
      if (!this.#isOver) sink.data(chunk)
    })
    this.#decoder.on('end', () => end(() => sink.end()))
    this.#decoder.on('error', (cause: Error) => {
      this.#source.cancel()
      end(() => sink.error(broken(cause)))
    })
    this.#source.flow({
      data: (chunk) => {
        this.#hasBegun = true
        if (this.#isOver || this.#decoder.write(chunk)) return
        this.#source.pause()
        this.#decoder.once('drain', () => this.#source.resume())
      },
      end: () => {
        if (this.#hasBegun) this.#decoder.end()
        else end(() => sink.end())
      },
      error: (error) => {
        this.#decoder.destroy()
        end(() => sink.error(error))
      },
    })
  }

  pause(): void {
    this.#decoder.pause()
  }

  resume(): void {
    this.#decoder.resume()
  }

  cancel(): void {
    this.#isOver = true
    this.#source.cancel()
    this.#decoder.destroy()
  }
}

function broken(cause: Error): GatewayError {
  return new GatewayError("The provider's answer is packed, and cannot be unpacked.", {
    kind: 'bad_response',
    status: 502,
    cause,
  })
}
