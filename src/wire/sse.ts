import type { Frame, FrameSplitter, Framing } from '../core/dialect.ts'

const LF = 10
const CR = 13
const NONE = -1

/** A stream is cut off when one event grows beyond this: no text does. */
const MAX_FRAME_BYTES = 1024 * 1024

/** Streams of server-sent events. */
export const sse: Framing = eventStream(MAX_FRAME_BYTES)

/** The same with larger events, for APIs whose events carry pictures and sound. */
export function eventStream(maxFrameBytes: number): Framing {
  return {
    matches: (contentType) => contentType.startsWith('text/event-stream'),
    splitter: () => new SseSplitter(maxFrameBytes),
    parse: (bytes) => parseFrames(bytes.toString('utf8')),
    terminator: '\n\n',
  }
}

/**
 * Cuts a stream of server-sent events between events, never inside one, whatever the network's chunks are. Chunks that
 * already end with an event, as nearly all do, are handed back as they are.
 */
export class SseSplitter implements FrameSplitter {
  readonly #maxFrameBytes: number
  #tail: Buffer[] = []
  #tailBytes = 0

  constructor(maxFrameBytes: number = MAX_FRAME_BYTES) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** The events completed by `chunk` as one run of bytes, or undefined when none is complete yet. */
  push(chunk: Buffer): Buffer | undefined {
    const end = endsWithBlankLine(chunk) ? chunk.length : this.#endOfLastFrame(chunk)
    if (end === NONE) {
      this.#hold(chunk)
      return undefined
    }
    const complete =
      this.#tail.length === 0
        ? chunk.subarray(0, end)
        : Buffer.concat([...this.#tail, chunk.subarray(0, end)])
    this.#tail = []
    this.#tailBytes = 0
    if (end < chunk.length) this.#hold(chunk.subarray(end))
    return complete
  }

  /** What is left when the stream ends: an event without its closing blank line. */
  rest(): Buffer {
    return Buffer.concat(this.#tail)
  }

  #hold(chunk: Buffer): void {
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    if (this.#tailBytes <= this.#maxFrameBytes) return
    throw new RangeError(`an event of the stream is larger than ${this.#maxFrameBytes / 1024 / 1024} MiB`)
  }

  /**
   * Where the last complete event ends in `chunk`, or `NONE`. A blank line may have begun in the chunks before it, and
   * may even have ended there: with a CR, of which only the next byte tells that it was no CRLF.
   */
  #endOfLastFrame(chunk: Buffer): number {
    const before = this.#lastBytes()
    const joined = before.length === 0 ? chunk : Buffer.concat([before, chunk])
    for (let end = joined.length; end >= Math.max(before.length, 1); end--) {
      if (isBlankLineEnd(joined, end)) return end - before.length
    }
    return NONE
  }

  /** Up to three bytes before the next chunk: the most that a blank line can leave behind. */
  #lastBytes(): Buffer {
    let last: Buffer = Buffer.alloc(0)
    for (let i = this.#tail.length - 1; i >= 0 && last.length < 3; i--) {
      const chunk = this.#tail[i]
      if (chunk) last = Buffer.concat([chunk.subarray(-3), last])
    }
    return last.subarray(-3)
  }
}

function endsWithBlankLine(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes[bytes.length - 1] === LF && bytes[bytes.length - 2] === LF
}

/** Whether the bytes before `end` close a line that is empty. Lines end with LF, CR or CRLF. */
function isBlankLineEnd(bytes: Buffer, end: number): boolean {
  const last = bytes[end - 1]
  if (last !== LF && last !== CR) return false
  // A CR may be the first half of a CRLF: then the next byte completes the line, and may not have come yet.
  if (last === CR && (bytes[end] === LF || end === bytes.length)) return false
  const start = last === LF && bytes[end - 2] === CR ? end - 2 : end - 1
  const previous = bytes[start - 1]
  return previous === LF || previous === CR
}

/**
 * Reads complete events. Comments, `id:` and `retry:` are skipped, as are events without data.
 * Spec: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function parseFrames(text: string): Frame[] {
  const frames: Frame[] = []
  let event: string | undefined
  let data: string | undefined
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (data !== undefined) frames.push(event === undefined ? { data } : { event, data })
      event = undefined
      data = undefined
      continue
    }
    const colon = line.indexOf(':')
    const field = stripByteOrderMark(colon === -1 ? line : line.slice(0, colon))
    if (field !== 'data' && field !== 'event') continue
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') event = value
    else data = data === undefined ? value : `${data}\n${value}`
  }
  return frames
}

/** Complete events, one text each, its blank line included. */
export function splitFrames(bytes: Buffer): string[] {
  return bytes.toString('utf8').split(/(?<=\n\n|\n\r\n|\r\r\n)|(?<=[\r\n]\r)(?!\n)/)
}

function stripByteOrderMark(text: string): string {
  return text.codePointAt(0) === 0xfeff ? text.slice(1) : text
}

/** One event as text, with its name when it has one. `data` must be one line, as `JSON.stringify` gives it. */
export function writeFrame(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}
