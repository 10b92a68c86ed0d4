import type { Call } from '../core/call.ts'
import type { UpstreamFormat } from '../core/dialect.ts'
import type { GatewayError } from '../core/error.ts'
import { isContent, type ReplyEvent } from '../core/events.ts'
import { mergeUsage, type Usage } from '../core/usage.ts'
import { parseFrames, splitFrames } from '../wire/sse.ts'
import type { StreamTransform } from './open-stream.ts'
import { truncated } from './truncated.ts'

/** The end of a stream, with its finish reason and usage, is found in this many of its last bytes. */
const TAIL_BYTES = 8192

const ERROR = Buffer.from('"error"')
const USAGE = Buffer.from('"usage"')
/** The blank after the colon is a courtesy of most servers, not a rule. */
const DONE = [Buffer.from('data: [DONE]'), Buffer.from('data:[DONE]')]
const NOTHING = Buffer.alloc(0)

/**
 * The provider's events as they came. Until the first content each event is read; from then on only the words that
 * could matter are looked for, and the last few events are kept to read the usage and the end marker from.
 */
export class PassThroughTransform implements StreamTransform {
  hasContent = false
  failure: GatewayError | undefined
  usage: Usage | undefined
  readonly #upstream: UpstreamFormat
  readonly #showsUsage: boolean
  readonly #showsDone: boolean
  #tail: Buffer[] = []
  #tailBytes = 0

  constructor({ format, request }: Call, upstream: UpstreamFormat) {
    this.#upstream = upstream
    this.#showsUsage = request.showsUsage
    this.#showsDone = format.showsDone
  }

  events(bytes: Buffer): Buffer {
    this.#keep(bytes)
    const sound = !this.hasContent || bytes.includes(ERROR) ? this.#inspect(bytes) : bytes
    const shown = this.#showsUsage || !sound.includes(USAGE) ? sound : withoutUsage(sound)
    return this.#showsDone ? shown : withoutDone(shown)
  }

  end(rest: Buffer): Buffer {
    const last = rest.length > 0 ? this.events(Buffer.concat([rest, BLANK_LINE])) : NOTHING
    if (!this.#endedWell()) this.failure ??= truncated()
    return last
  }

  /** Read the events for a first content or an error among them. Gives the bytes before the error. */
  #inspect(bytes: Buffer): Buffer {
    const reader = this.#upstream.reader()
    let sound = ''
    for (const text of splitFrames(bytes)) {
      for (const event of parseFrames(text).flatMap((frame) => reader.frame(frame))) {
        this.hasContent ||= isContent(event)
        if (event.type !== 'error') continue
        this.failure = event.error
        return Buffer.from(sound)
      }
      sound += text
    }
    return bytes
  }

  #endedWell(): boolean {
    const reader = this.#upstream.reader()
    let complete = false
    const see = (events: readonly ReplyEvent[]): void => {
      for (const event of events) {
        if (event.type === 'usage') this.usage = mergeUsage(this.usage, event.usage)
        else if (event.type === 'reply-end') complete = true
      }
    }
    for (const frame of parseFrames(this.#lastEvents().toString('utf8'))) see(reader.frame(frame))
    see(reader.end?.() ?? [])
    return complete
  }

  #keep(bytes: Buffer): void {
    this.#tail.push(bytes)
    this.#tailBytes += bytes.length
    for (;;) {
      const [oldest] = this.#tail
      if (!oldest || this.#tailBytes - oldest.length < TAIL_BYTES) return
      this.#tail.shift()
      this.#tailBytes -= oldest.length
    }
  }

  /** The kept events from a boundary on: what is cut in front is cut whole. */
  #lastEvents(): Buffer {
    const bytes = Buffer.concat(this.#tail)
    if (bytes.length <= 2 * TAIL_BYTES) return bytes
    const boundary = bytes.indexOf('\n\n', bytes.length - 2 * TAIL_BYTES)
    return boundary === -1 ? bytes : bytes.subarray(boundary + 2)
  }
}

const BLANK_LINE = Buffer.from('\n\n')

/** A stream's last event may be `data: [DONE]`; only the end has to be looked at. */
function withoutDone(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--
  const done = DONE.find((marker) => bytes.subarray(Math.max(end - marker.length, 0), end).equals(marker))
  return done ? bytes.subarray(0, end - done.length) : bytes
}

/** The event that carries the usage and no choice is one that the gateway asked for, not the client. */
function withoutUsage(bytes: Buffer): Buffer {
  if (!NO_CHOICES.test(bytes.toString('latin1'))) return bytes
  const kept = splitFrames(bytes).filter((frame) => !isUsageFrame(frame))
  return Buffer.from(kept.join(''))
}

function isUsageFrame(frame: string): boolean {
  return NO_CHOICES.test(frame) && /"usage"\s*:\s*\{/.test(frame)
}

const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/
