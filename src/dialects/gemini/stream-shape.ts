import type { StreamFilter } from '../../core/dialect.ts'
import { sse, writeFrame } from '../../wire/sse.ts'

/** How the pieces of a streamed answer stand one after the other. */
export interface StreamShape {
  item(json: string): string
  /** What follows the last piece. */
  close(): string
}

/** With `?alt=sse`. */
export const EVENTS: StreamShape = { item: (json) => writeFrame(json), close: () => '' }

/**
 * Without `alt`: one JSON array, sent in pieces. One of these for each stream, since it knows whether the array has
 * begun.
 */
export class JsonArray implements StreamShape, StreamFilter {
  #hasBegun = false

  item(json: string): string {
    const before = this.#hasBegun ? ',\n' : '['
    this.#hasBegun = true
    return before + json
  }

  close(): string {
    return this.#hasBegun ? ']' : '[]'
  }

  /** Events that pass through, as items. */
  events(bytes: Buffer): string {
    return sse
      .parse(bytes)
      .map(({ data }) => this.item(data))
      .join('')
  }

  end(): string {
    return this.close()
  }
}
