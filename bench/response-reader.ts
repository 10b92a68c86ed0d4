/** What one response turned out to be. */
export interface ResponseSummary {
  readonly status: number
  /** Number of SSE events with data, `[DONE]` included; 0 for other content. */
  readonly events: number
  /** The last bytes of the body, at most 2 KB, as text; the whole body when it is shorter. */
  readonly tail: string
  /** Whether the server will close the connection. */
  readonly closes: boolean
  /** The Retry-After of an answer that is not a 200. */
  readonly retryAfter?: string
}

/** Called back as a response comes in. */
export interface ResponseListener {
  firstByte(): void
  /** A part of the body: a chunk, when it comes in chunks. */
  part?(): void
  end(summary: ResponseSummary): void
}

const CR_LF_CR_LF = Buffer.from('\r\n\r\n')
const CR_LF = Buffer.from('\r\n')
const EVENT_START = Buffer.from('data: ')
const TAIL_BYTES = 2048
const EMPTY = Buffer.alloc(0)

/**
 * Reads HTTP/1.1 responses, one after the other, from the bytes of one connection. Far less work than a client library,
 * so that the load generator is never what a row measures. Trailers are not supported; no server here sends them.
 */
export class ResponseReader {
  private readonly listener: ResponseListener
  private pending: Buffer = EMPTY
  private state: 'head' | 'length' | 'chunk-size' | 'chunk' = 'head'
  private status = 0
  private closes = false
  private retryAfter: string | undefined
  private eventStream = false
  private remaining = 0
  private seenBody = false
  private events = 0
  private tail: Buffer = EMPTY

  constructor(listener: ResponseListener) {
    this.listener = listener
  }

  /** Whether a response has begun and not ended. */
  get midway(): boolean {
    return this.state !== 'head' || this.pending.length > 0
  }

  /** Takes the next bytes of the connection; throws when they are not HTTP/1.1. */
  push(bytes: Buffer): void {
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes])
    while (this.pending.length > 0 && this.step());
  }

  /** Does one step; false when more bytes are needed. */
  private step(): boolean {
    if (this.state === 'head') return this.readHead()
    if (this.state === 'length') return this.readLength()
    return this.state === 'chunk-size' ? this.readChunkSize() : this.readChunk()
  }

  private readHead(): boolean {
    const end = this.pending.indexOf(CR_LF_CR_LF)
    if (end < 0) return false
    const head = this.take(end + 4)
      .toString('latin1', 0, end)
      .toLowerCase()
    if (!head.startsWith('http/1.1 ')) throw new Error(`not an HTTP/1.1 response: ${head.slice(0, 60)}`)
    this.status = Number(head.slice(9, 12))
    this.closes = head.includes('\r\nconnection: close')
    this.retryAfter = this.status === 200 ? undefined : /\r\nretry-after: *([^\r]+)/.exec(head)?.[1]
    this.eventStream = head.includes('\r\ncontent-type: text/event-stream')
    if (head.includes('\r\ntransfer-encoding: chunked')) {
      this.state = 'chunk-size'
      return true
    }
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
    if (length === undefined) throw new Error('a response with neither content-length nor chunks')
    this.remaining = Number(length)
    this.state = 'length'
    if (this.remaining === 0) this.finish()
    return true
  }

  private readLength(): boolean {
    const part = this.take(Math.min(this.remaining, this.pending.length))
    this.remaining -= part.length
    this.body(part)
    if (this.remaining === 0) this.finish()
    return true
  }

  private readChunkSize(): boolean {
    const end = this.pending.indexOf(CR_LF)
    if (end < 0) return false
    const size = Number.parseInt(this.pending.toString('latin1', 0, end), 16)
    if (Number.isNaN(size)) throw new Error('a chunk without a size')
    if (size === 0) {
      if (this.pending.length < end + 4) return false
      this.take(end + 4)
      this.finish()
      return true
    }
    this.take(end + 2)
    this.remaining = size + 2
    this.state = 'chunk'
    return true
  }

  /** A chunk is taken whole, its line end included, so that no event is cut by our own doing. */
  private readChunk(): boolean {
    if (this.pending.length < this.remaining) return false
    const part = this.take(this.remaining)
    this.body(part.subarray(0, part.length - 2))
    this.state = 'chunk-size'
    return true
  }

  private body(part: Buffer): void {
    if (!this.seenBody) {
      this.seenBody = true
      this.listener.firstByte()
    }
    this.listener.part?.()
    if (this.eventStream) this.events += this.countEvents(part)
    if (part.length >= TAIL_BYTES) this.tail = part.subarray(part.length - TAIL_BYTES)
    else this.tail = this.tail.length === 0 ? part : lastBytes(Buffer.concat([this.tail, part]))
  }

  /** A proxy may cut an event anywhere, so the count looks back over the end of the part before. */
  private countEvents(part: Buffer): number {
    const before = this.tail.subarray(Math.max(this.tail.length - EVENT_START.length + 1, 0))
    const text = before.length === 0 ? part : Buffer.concat([before, part])
    let count = 0
    for (let at = text.indexOf(EVENT_START); at >= 0; at = text.indexOf(EVENT_START, at + 1)) count += 1
    return count
  }

  private finish(): void {
    const { status, events, tail, closes, retryAfter } = this
    this.state = 'head'
    this.seenBody = false
    this.events = 0
    this.tail = EMPTY
    this.listener.end({
      status,
      events,
      tail: tail.toString('latin1', 0, tail.length),
      closes,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    })
  }

  private take(length: number): Buffer {
    const taken = this.pending.subarray(0, length)
    this.pending = length === this.pending.length ? EMPTY : this.pending.subarray(length)
    return taken
  }
}

function lastBytes(bytes: Buffer): Buffer {
  return bytes.length <= TAIL_BYTES ? bytes : bytes.subarray(bytes.length - TAIL_BYTES)
}
