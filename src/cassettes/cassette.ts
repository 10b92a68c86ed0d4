import { isUtf8 } from 'node:buffer'
import type { ErrorKind } from '../core/error.ts'
import type { JsonValue } from '../core/json.ts'
import type { Usage } from '../core/usage.ts'

export const CASSETTE_VERSION = 1

/** One exchange with a provider, as its file has it. Milliseconds count from when the request was sent. */
export interface Cassette {
  readonly version: typeof CASSETTE_VERSION
  /** When the request was sent, in ISO 8601. */
  readonly recordedAt: string
  readonly route: string
  readonly target: string
  readonly provider: string
  readonly model: string | null
  /** The name of the upstream format that request and reply are in. */
  readonly format: string
  readonly operation: string
  readonly stream: boolean
  readonly request: RecordedRequest
  /** Absent when the provider did not answer at all. */
  readonly reply?: RecordedReply
  readonly ended: RecordedEnd
  /** The exchange was too large: there is no body of the answer, and none of a request that was too large by itself. */
  readonly truncated?: true
  readonly usage?: Usage
  readonly ms: RecordedTimes
}

export interface RecordedRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body?: RecordedBody
}

export type RecordedBody = { readonly json: JsonValue } | { readonly base64: string }

export interface RecordedReply {
  readonly status: number
  /** `content-type`, `retry-after`, `retry-after-ms` and `x-request-id`, as far as the reply had them. */
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: readonly RecordedChunk[]
}

/** Bytes that arrived together: as text when they are text by themselves. */
export type RecordedChunk =
  | { readonly ms: number; readonly text: string }
  | { readonly ms: number; readonly base64: string }

/** How the exchange ended: `canceled` is by the gateway, which stopped reading. */
export type RecordedEnd =
  | { readonly how: 'complete' }
  | { readonly how: 'canceled' }
  | { readonly how: 'failed'; readonly kind: ErrorKind; readonly status: number; readonly message: string }

export interface RecordedTimes {
  /** Until the reply's status was there. */
  readonly head?: number
  readonly firstByte?: number
  readonly total: number
}

export function toRecordedChunk(bytes: Buffer, ms: number): RecordedChunk {
  return isUtf8(bytes) ? { ms, text: bytes.toString('utf8') } : { ms, base64: bytes.toString('base64') }
}

export function bytesOf(recorded: RecordedChunk): Buffer {
  return 'text' in recorded ? Buffer.from(recorded.text) : Buffer.from(recorded.base64, 'base64')
}

/** The body of a recorded request as it can be sent again; undefined when it was too large to keep. */
export function requestBodyOf({ body }: RecordedRequest): Buffer | undefined {
  if (!body) return undefined
  return 'json' in body ? Buffer.from(JSON.stringify(body.json)) : Buffer.from(body.base64, 'base64')
}

/** All bytes of a recorded answer. */
export function replyBodyOf({ chunks }: RecordedReply): Buffer {
  return Buffer.concat(chunks.map(bytesOf))
}
