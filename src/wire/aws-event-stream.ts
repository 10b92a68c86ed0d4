import { crc32 } from 'node:zlib'
import type { Frame, FrameSplitter, Framing } from '../core/dialect.ts'

/** Two lengths and their checksum, before each message. */
const PRELUDE_BYTES = 12
const CHECKSUM_BYTES = 4
const LEAST_BYTES = PRELUDE_BYTES + CHECKSUM_BYTES

/** A stream is cut off when one message says that it is larger than this: no text is. */
const MAX_MESSAGE_BYTES = 1024 * 1024

/**
 * Amazon's event streams. A frame's event is the `:event-type`, and `exception:<type>` for a failure; its data is the
 * payload. Throws a `RangeError` for bytes whose checksums do not match.
 * Spec: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
 */
export const awsEventStream: Framing = {
  matches: (contentType) => contentType.startsWith('application/vnd.amazon.eventstream'),
  splitter: () => new AwsEventSplitter(),
  parse: parseMessages,
  terminator: '',
}

/**
 * Cuts a stream between messages, whatever the network's chunks are. Chunks that end with a message, as nearly all do, are
 * handed back as they are.
 */
export class AwsEventSplitter implements FrameSplitter {
  readonly #maxMessageBytes: number
  #tail: Buffer[] = []
  #tailBytes = 0
  /** With this many bytes more can be said about the message that the tail begins. */
  #needed = PRELUDE_BYTES

  constructor(maxMessageBytes: number = MAX_MESSAGE_BYTES) {
    this.#maxMessageBytes = maxMessageBytes
  }

  push(chunk: Buffer): Buffer | undefined {
    if (this.#tailBytes + chunk.length < this.#needed) {
      this.#hold(chunk)
      return undefined
    }
    const bytes = this.#tailBytes === 0 ? chunk : Buffer.concat([...this.#tail, chunk])
    const end = this.#endOfLastMessage(bytes)
    this.#tail = []
    this.#tailBytes = 0
    if (end < bytes.length) this.#hold(bytes.subarray(end))
    if (end === 0) return undefined
    return end === bytes.length ? bytes : bytes.subarray(0, end)
  }

  rest(): Buffer {
    return Buffer.concat(this.#tail)
  }

  #hold(bytes: Buffer): void {
    this.#tail.push(bytes)
    this.#tailBytes += bytes.length
  }

  /** Nobody waits for a length before its checksum is right: a broken one could be of gigabytes. */
  #endOfLastMessage(bytes: Buffer): number {
    let at = 0
    while (bytes.length - at >= PRELUDE_BYTES) {
      const length = bytes.readUInt32BE(at)
      if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8)) throw corrupt()
      if (length < LEAST_BYTES) throw corrupt()
      if (length > this.#maxMessageBytes) {
        throw new RangeError(
          `a message of the stream is larger than ${this.#maxMessageBytes / 1024 / 1024} MiB`,
        )
      }
      this.#needed = length
      if (at + length > bytes.length) return at
      at += length
    }
    this.#needed = PRELUDE_BYTES
    return at
  }
}

function parseMessages(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + (bytes.length - at >= LEAST_BYTES ? bytes.readUInt32BE(at) : LEAST_BYTES)
    if (end > bytes.length) throw new RangeError('the stream ends inside a message')
    const payloadEnd = end - CHECKSUM_BYTES
    const payloadStart = at + PRELUDE_BYTES + bytes.readUInt32BE(at + 4)
    if (payloadStart > payloadEnd) throw corrupt()
    if (crc32(bytes.subarray(at, payloadEnd)) !== bytes.readUInt32BE(payloadEnd)) throw corrupt()
    const { event, message } = readHeaders(bytes.toString('latin1', at + PRELUDE_BYTES, payloadStart))
    const data = message ?? bytes.toString('utf8', payloadStart, payloadEnd)
    frames.push(event === undefined ? { data } : { event, data })
    at = end
  }
  return frames
}

interface ReadHeaders {
  event?: string
  /** A failure that says all in its headers has no payload. */
  message?: string
}

/** All messages of a kind have the same headers: each kind is read once. Bounded, should someone vary them. */
const known = new Map<string, ReadHeaders>()
const MAX_KNOWN = 64

function readHeaders(block: string): ReadHeaders {
  const before = known.get(block)
  if (before) return before
  const read = interpret(parseHeaders(Buffer.from(block, 'latin1')))
  if (known.size < MAX_KNOWN) known.set(block, read)
  return read
}

function interpret(headers: ReadonlyMap<string, string>): ReadHeaders {
  const kind = headers.get(':message-type')
  if (kind === 'exception') return { event: `exception:${headers.get(':exception-type') ?? ''}` }
  if (kind === 'error') {
    const message = JSON.stringify({ message: headers.get(':error-message') ?? '' })
    return { event: `exception:${headers.get(':error-code') ?? ''}`, message }
  }
  const event = headers.get(':event-type')
  return event === undefined ? {} : { event }
}

const STRING = 7

/** Sizes of the values of each type that is no string: booleans, integers, bytes, timestamp, UUID. -1: the size is written before it. */
const SIZES: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]

/** The headers that are strings. */
function parseHeaders(block: Buffer): Map<string, string> {
  const headers = new Map<string, string>()
  try {
    for (let at = 0; at < block.length;) {
      const nameEnd = at + 1 + block.readUInt8(at)
      const type = block.readUInt8(nameEnd)
      const size = SIZES[type]
      if (size === undefined) throw corrupt()
      const start = nameEnd + (size === -1 ? 3 : 1)
      const end = start + (size === -1 ? block.readUInt16BE(nameEnd + 1) : size)
      if (end > block.length) throw corrupt()
      if (type === STRING)
        headers.set(block.toString('utf8', at + 1, nameEnd), block.toString('utf8', start, end))
      at = end
    }
  } catch (error) {
    if (error instanceof RangeError) throw corrupt()
    throw error
  }
  return headers
}

function corrupt(): RangeError {
  return new RangeError('a message of the event stream is corrupt')
}
