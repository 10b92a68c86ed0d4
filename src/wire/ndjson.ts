import type { Frame, FrameSplitter, Framing } from '../core/dialect.ts'

const LF = 10

/** A stream is cut off when one line grows beyond this: no text does. */
const MAX_LINE_BYTES = 1024 * 1024

/** The names that servers give to a stream of JSON texts, one a line: there is no registered one. */
const CONTENT_TYPES = [
  'application/x-ndjson',
  'application/ndjson',
  'application/json-stream',
  'application/stream+json',
  'application/jsonl',
]

/**
 * Streams of JSON texts, one a line.
 * Spec: https://github.com/ndjson/ndjson-spec
 */
export const ndjson: Framing = {
  matches: (contentType) => CONTENT_TYPES.some((name) => contentType.startsWith(name)),
  splitter: () => new NdjsonSplitter(),
  parse: (bytes) => parseLines(bytes.toString('utf8')),
  terminator: '\n',
}

/** Cuts a stream between its lines, whatever the network's chunks are. */
export class NdjsonSplitter implements FrameSplitter {
  readonly #maxLineBytes: number
  #tail: Buffer[] = []
  #tailBytes = 0

  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes
  }

  push(chunk: Buffer): Buffer | undefined {
    const end = chunk.lastIndexOf(LF) + 1
    if (end === 0) {
      this.#hold(chunk)
      return undefined
    }
    const complete = Buffer.concat([...this.#tail, chunk.subarray(0, end)])
    this.#tail = []
    this.#tailBytes = 0
    if (end < chunk.length) this.#hold(chunk.subarray(end))
    return complete
  }

  rest(): Buffer {
    return Buffer.concat(this.#tail)
  }

  #hold(chunk: Buffer): void {
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    if (this.#tailBytes <= this.#maxLineBytes) return
    throw new RangeError(`a line of the stream is larger than ${this.#maxLineBytes / 1024 / 1024} MiB`)
  }
}

/** Complete lines, those without text left out. A CR before the LF is white space, as it is to JSON. */
function parseLines(text: string): Frame[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((data) => ({ data }))
}
