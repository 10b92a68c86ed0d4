import {
  CASSETTE_VERSION,
  toRecordedChunk,
  type Cassette,
  type RecordedBody,
  type RecordedEnd,
  type RecordedTimes,
} from '../../cassettes/cassette.ts'
import { readUsage } from '../../cassettes/read-reply.ts'
import type { JsonValue } from '../../core/json.ts'
import type { Attempt, Provider, UpstreamReply } from '../../core/provider.ts'
import { scrubChunks, scrubText, writtenSecrets } from './scrub-chunks.ts'

/** All that was seen of an exchange that is over. */
interface SeenExchange {
  readonly route: string
  readonly target: string
  readonly provider: Pick<Provider, 'name' | 'model' | 'secrets'>
  readonly recordedAt: Date
  readonly attempt: Pick<Attempt, 'format' | 'stream' | 'contentType' | 'headers'>
  /** Undefined when it was too large. */
  readonly body: Buffer | string | undefined
  readonly reply: Omit<UpstreamReply, 'body'> | undefined
  readonly chunks: readonly SeenChunk[]
  readonly isTruncated: boolean
  readonly ended: RecordedEnd
  readonly ms: RecordedTimes
}

export interface SeenChunk {
  readonly ms: number
  readonly bytes: Buffer
}

/** The text of an exchange's cassette, without any of the provider's secrets. */
export function writeCassette(seen: SeenExchange): string {
  const { provider, attempt, reply, ended, isTruncated } = seen
  const written = writtenSecrets(provider.secrets)
  const usage = isTruncated ? undefined : usageOf(seen)
  const cassette: Cassette = {
    version: CASSETTE_VERSION,
    recordedAt: seen.recordedAt.toISOString(),
    route: seen.route,
    target: seen.target,
    provider: provider.name,
    model: provider.model,
    format: attempt.format.name,
    operation: attempt.format.operation,
    stream: attempt.stream,
    request: {
      headers: pick(attempt.headers ?? {}, REQUEST_HEADERS),
      ...(attempt.contentType !== undefined && { contentType: attempt.contentType }),
      ...(seen.body !== undefined && { body: toBody(seen.body, written) }),
    },
    ...(reply && {
      reply: { status: reply.status, headers: replyHeaders(reply), chunks: toChunks(seen.chunks, written) },
    }),
    ended,
    ...(isTruncated && { truncated: true }),
    ...(usage && { usage }),
    ms: roundTimes(seen.ms),
  }
  // Once more over the whole: JSON may spell in a request what its text does not hold.
  return scrubText(`${JSON.stringify(cassette, null, 2)}\n`, written)
}

/** What belongs to a dialect; a credential never does. */
const REQUEST_HEADERS = ['anthropic-version', 'anthropic-beta']

function toBody(body: Buffer | string, written: readonly string[]): RecordedBody {
  const [scrubbed = Buffer.alloc(0)] = scrubChunks([Buffer.from(body)], written)
  try {
    const json: JsonValue = JSON.parse(scrubbed.toString('utf8'))
    return { json }
  } catch {
    return { base64: scrubbed.toString('base64') }
  }
}

function toChunks(
  chunks: readonly SeenChunk[],
  written: readonly string[],
): NonNullable<Cassette['reply']>['chunks'] {
  const scrubbed = scrubChunks(
    chunks.map(({ bytes }) => bytes),
    written,
  )
  return scrubbed.map((bytes, index) => toRecordedChunk(bytes, round(chunks[index]?.ms ?? 0)))
}

function replyHeaders(reply: Omit<UpstreamReply, 'body'>): Record<string, string> {
  const { headers = {}, contentType, retryAfter, requestId } = reply
  const wait = headers['retry-after-ms']
  return {
    'content-type': contentType,
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
    ...(typeof wait === 'string' && { 'retry-after-ms': wait }),
    ...(requestId !== undefined && { 'x-request-id': requestId }),
  }
}

function usageOf({ attempt, provider, reply, chunks }: SeenExchange): Cassette['usage'] {
  if (!reply || reply.status < 200 || reply.status > 299) return undefined
  const body = Buffer.concat(chunks.map(({ bytes }) => bytes))
  return readUsage(attempt.format, provider, { contentType: reply.contentType, body })
}

function pick(headers: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name.toLowerCase())))
}

function roundTimes({ head, firstByte, total }: RecordedTimes): RecordedTimes {
  return {
    ...(head !== undefined && { head: round(head) }),
    ...(firstByte !== undefined && { firstByte: round(firstByte) }),
    total: round(total),
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
