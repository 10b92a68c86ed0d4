import type { StoredBody } from '../../core/database.ts'
import type { BodySettings } from './body-settings.ts'
import { redact } from './redact.ts'
import { withoutFiles } from './without-files.ts'

/** What is said in one request, as it is kept. */
export type KeptBody = Omit<StoredBody, 'id' | 'at' | 'expiresAt'>

/** More is looked at than is kept, so that a credential at the edge is seen whole. */
const EDGE_BYTES = 8192

/** Keeps what is said on a route. */
export class BodyKeeper {
  readonly settings: BodySettings
  readonly #own: readonly RegExp[]

  constructor(settings: BodySettings) {
    this.settings = settings
    this.#own = settings.redact.map((source) => new RegExp(source, 'g'))
  }

  /** `request`: the body as the client sent it; absent where it is not read, as of forms with files. */
  begin(request: Buffer | undefined): SaidBody {
    return new SaidBody(this, request)
  }

  /** The text as it is kept, and whether it is no more than the beginning. */
  keep(body: Buffer, isWhole: boolean): { text: string; isCut: boolean } {
    const { maxBytes } = this.settings
    const bare = withoutFiles(body)
    const looked = bare.subarray(0, maxBytes + EDGE_BYTES)
    const clean = Buffer.from(redact(looked.toString(), this.#own))
    const isCut = !isWhole || looked.length < bare.length || clean.length > maxBytes
    // Half a character at the end is left out.
    return { text: clean.toString('utf8', 0, maxBytes).replace(/\ufffd+$/, ''), isCut }
  }

  /** So much of an answer is held until it is over. */
  get heldBytes(): number {
    return this.settings.maxBytes + EDGE_BYTES
  }
}

/** What was said in one request so far. */
export class SaidBody {
  readonly #keeper: BodyKeeper
  readonly #request: Buffer | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #isWhole = true

  constructor(keeper: BodyKeeper, request: Buffer | undefined) {
    this.#keeper = keeper
    this.#request = request
  }

  get retentionMs(): number | undefined {
    return this.#keeper.settings.retentionMs
  }

  /** A whole answer. */
  answer(body: Buffer | string): void {
    this.#chunks = [asBuffer(body)]
  }

  /** A piece of a stream. */
  add(chunk: Buffer | string): void {
    const room = this.#keeper.heldBytes - this.#bytes
    if (room <= 0) {
      this.#isWhole = false
      return
    }
    const bytes = asBuffer(chunk)
    // A piece of the chunk alone: the rest of its memory is not held.
    this.#chunks.push(bytes.length > room ? Buffer.from(bytes.subarray(0, room)) : bytes)
    this.#bytes += Math.min(bytes.length, room)
    if (bytes.length > room) this.#isWhole = false
  }

  kept(): KeptBody {
    const request = this.#request && this.#keeper.keep(this.#request, true)
    const hasAnswer = this.#chunks.length > 0
    const response = hasAnswer ? this.#keeper.keep(Buffer.concat(this.#chunks), this.#isWhole) : undefined
    return {
      request: request?.text ?? null,
      response: response?.text ?? null,
      isRequestCut: request?.isCut ?? false,
      isResponseCut: response?.isCut ?? false,
    }
  }
}

function asBuffer(chunk: Buffer | string): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
