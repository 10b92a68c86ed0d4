import { gzipSync } from 'node:zlib'
import type { LedgerEntry } from './ledger.ts'
import { piecesOf } from './marker.ts'
import { BODIES } from './wire-bodies.ts'

/** What a provider does with one request; an empty one answers well, whole or streamed as it was asked. Times in milliseconds. */
export interface Behaviour {
  /** Never says a word. */
  readonly isSilent?: boolean
  /** Bytes on the connection instead of an HTTP answer; then it is closed. */
  readonly raw?: string | Buffer
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Before the head of the answer. */
  readonly headDelayMs?: number
  /** Between the events that begin a stream and its first content. */
  readonly firstEventDelayMs?: number
  /** Between two pieces of a stream. */
  readonly cadenceMs?: number
  /** How many pieces the answer has, whole or streamed. */
  readonly events?: number
  /** The exact body, instead of an answer in the dialect. */
  readonly body?: string | Buffer | ((entry: LedgerEntry) => string | Buffer)
  /** The exact body in several writes, made anew for each request; each waits for the one before. */
  readonly writes?: () => Iterable<string | Buffer>
  readonly isGzipped?: boolean
  /** The length that the head of a whole answer tells, when it is not the body's. */
  readonly contentLength?: number
  /** A stream fails in the dialect's own words after so many pieces; 0: with its very first event. */
  readonly errorAfter?: number
  /** Nothing more comes after so many pieces of a stream, or of a whole answer after its head (0) or half its body. */
  readonly stallAfter?: number
  readonly cut?: Cut
  /** Bytes on the connection after the end of the answer, that nobody asked for. */
  readonly trailing?: string | Buffer
  /** For the ledger: this is no proper answer, though nothing above says so. */
  readonly isFault?: boolean
}

/** Where an answer breaks off. */
export interface Cut {
  /** After so many pieces of a stream; a whole answer always breaks in the middle of its body. */
  readonly after: number
  /** `end`: in order as far as HTTP is concerned. */
  readonly how: 'end' | 'fin' | 'rst'
  /** A part of the next piece is still sent: half of it, half of its HTTP chunk, or up to the middle of a letter. */
  readonly within?: 'event' | 'chunk' | 'character'
}

/** What is done on the connection, one after the other. */
export type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'head'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  /** Body bytes, in HTTP's framing. */
  | { readonly do: 'write'; readonly bytes: Buffer }
  /** Bytes past HTTP's framing. */
  | { readonly do: 'raw'; readonly bytes: Buffer }
  | { readonly do: 'end' | 'fin' | 'rst' }
  /** Leave it open until the other side goes. */
  | { readonly do: 'hold' }

const DEFAULT_EVENTS = 5
const HOLD: Step = { do: 'hold' }

/** A behaviour as steps. */
export function* stepsOf(behaviour: Behaviour, entry: LedgerEntry): Generator<Step> {
  const { isSilent, raw, headDelayMs = 0 } = behaviour
  if (headDelayMs > 0) yield { do: 'wait', ms: headDelayMs }
  if (isSilent) return yield HOLD
  if (raw !== undefined) {
    yield { do: 'raw', bytes: Buffer.from(raw) }
    return yield { do: 'fin' }
  }
  yield* isStreamed(behaviour, entry) ? streamSteps(behaviour, entry) : wholeSteps(behaviour, entry)
  if (behaviour.trailing !== undefined) yield { do: 'raw', bytes: Buffer.from(behaviour.trailing) }
}

/** Whether the ledger has it as a failure when all steps are done. */
export function isFailure({ status = 200, raw, errorAfter, cut, isFault }: Behaviour): boolean {
  return status >= 400 || isFault === true || [raw, errorAfter, cut].some((part) => part !== undefined)
}

function isStreamed({ status = 200, body, writes }: Behaviour, { isStream }: LedgerEntry): boolean {
  return writes !== undefined || (isStream && status === 200 && body === undefined)
}

function* streamSteps(behaviour: Behaviour, entry: LedgerEntry): Generator<Step> {
  const { status = 200, headers, writes, firstEventDelayMs = 0, cadenceMs = 0 } = behaviour
  const { errorAfter, stallAfter, cut, events = DEFAULT_EVENTS } = behaviour
  const bodies = BODIES[entry.dialect]
  const encode = encoderOf(behaviour)
  yield { do: 'head', status, headers: { ...typed(behaviour, 'text/event-stream'), ...headers } }
  if (writes) {
    for (const bytes of writes()) yield { do: 'write', bytes: encode(bytes) }
    return yield { do: 'end' }
  }
  if (errorAfter !== 0) yield { do: 'write', bytes: encode(bodies.start(entry.model)) }
  if (firstEventDelayMs > 0) yield { do: 'wait', ms: firstEventDelayMs }
  let sent = 0
  for (const text of [...piecesOf(entry.markers[0] ?? 'T0R0', events), undefined]) {
    if (sent === stallAfter) return yield HOLD
    if (sent === errorAfter) {
      yield { do: 'write', bytes: encode(bodies.errorEvent('The model fell over.')) }
      return yield { do: 'end' }
    }
    const bytes = encode(text === undefined ? bodies.end(entry.model) : bodies.piece(text, entry.model))
    if (sent === cut?.after) return yield* cutSteps(cut, bytes)
    if (sent > 0 && cadenceMs > 0) yield { do: 'wait', ms: cadenceMs }
    yield { do: 'write', bytes }
    sent++
  }
  yield { do: 'end' }
}

function* wholeSteps(behaviour: Behaviour, entry: LedgerEntry): Generator<Step> {
  const { status = 200, headers, cut, stallAfter, contentLength } = behaviour
  const bytes = encoderOf(behaviour)(wholeBody(behaviour, entry))
  const length = cut?.how === 'end' ? {} : { 'content-length': String(contentLength ?? bytes.length) }
  yield { do: 'head', status, headers: { ...typed(behaviour, 'application/json'), ...length, ...headers } }
  if (stallAfter === 0) return yield HOLD
  if (stallAfter !== undefined) {
    yield { do: 'write', bytes: bytes.subarray(0, bytes.length / 2) }
    return yield HOLD
  }
  if (cut)
    return yield* cutSteps({ ...cut, within: cut.within === 'character' ? 'character' : 'event' }, bytes)
  yield { do: 'write', bytes }
  // A head that promised more leaves the other side waiting; the connection's end tells it.
  yield { do: contentLength === undefined ? 'end' : 'fin' }
}

function* cutSteps({ how, within }: Cut, next: Buffer): Generator<Step> {
  if (within === 'chunk') {
    const head = Buffer.from(`${next.length.toString(16)}\r\n`)
    yield { do: 'raw', bytes: Buffer.concat([head, next.subarray(0, next.length / 2)]) }
  } else if (within !== undefined) {
    // 0xc3 begins the letter of two bytes that every piece has.
    const end = within === 'character' ? next.indexOf(0xc3) + 1 : next.length / 2
    yield { do: 'write', bytes: next.subarray(0, end) }
  }
  yield { do: how }
}

function wholeBody(
  { status = 200, body, events = DEFAULT_EVENTS }: Behaviour,
  entry: LedgerEntry,
): string | Buffer {
  if (typeof body === 'function') return body(entry)
  if (body !== undefined) return body
  const bodies = BODIES[entry.dialect]
  if (status >= 400) return bodies.error(status, `The provider says ${status}.`)
  return bodies.whole(piecesOf(entry.markers[0] ?? 'T0R0', events).join(''), entry.model)
}

/** Several packed parts in a row are one packed body. */
function encoderOf({ isGzipped }: Behaviour): (bytes: string | Buffer) => Buffer {
  return isGzipped ? (bytes) => gzipSync(bytes) : (bytes) => Buffer.from(bytes)
}

function typed({ isGzipped }: Behaviour, type: string): Record<string, string> {
  return { 'content-type': type, ...(isGzipped ? { 'content-encoding': 'gzip' } : {}) }
}
