import type { Caller } from '../core/caller.ts'
import type { GatewayError } from '../core/error.ts'
import { CredentialRefusal, type Identity } from '../core/identity.ts'
import type { UnseenCall } from '../core/policy.ts'
import type { RouteInfo } from '../core/route.ts'
import { answering, type Trail } from '../core/trail.ts'
import type { Usage } from '../core/usage.ts'
import { explainTrail } from './explain-trail.ts'

/** What is remembered of one request. No body, no header, no credential. */
export interface CallRecord {
  id: string
  path: string
  route: RouteInfo | undefined
  /** The API that the client speaks. */
  dialect: string
  /** Unknown where a request was refused before it was looked at, as one of nobody who may call. */
  caller: Caller | undefined
  status: number
  stream: boolean
  /** From the request's head to the last byte of the answer. */
  durationMs: number
  /** From the request's head to the first byte of the answer. */
  firstByteMs: number
  /** What the provider calls the model that answered. */
  modelServed?: string | undefined
  usage: Usage | undefined
  /** Whether `usage` is counted by us, because the provider did not tell it to the end. */
  isEstimated: boolean
  /** Of the bodies. */
  requestBytes: number
  responseBytes: number
  /** Names of request fields that the provider did not get. */
  dropped: readonly string[]
  error: GatewayError | undefined
  trail: Trail
}

/** Where records go. */
export type Recorder = (record: CallRecord) => void

/** Several recorders, called in turn. */
export function recordInTurn(recorders: readonly Recorder[]): Recorder {
  return (record) => {
    for (const recorder of recorders) recorder(record)
  }
}

/** The access log: one line for each finished request. */
export function logRecords(log: { info(fields: object, message: string): void }): Recorder {
  return (record) => log.info(toFields(record), 'request')
}

/** The record of a call that no client asked for. */
export function recordOfUnseen({ call, dropped, finish, ...times }: UnseenCall): CallRecord {
  const { id, route, request, caller, trail } = call
  return {
    id,
    path: '(mirror)',
    route,
    dialect: '(mirror)',
    caller,
    status: finish.error?.status ?? 200,
    stream: 'stream' in request && request.stream,
    durationMs: times.durationMs,
    firstByteMs: times.firstByteMs,
    modelServed: finish.model,
    usage: finish.usage,
    isEstimated: finish.isEstimated ?? false,
    requestBytes: 0,
    responseBytes: 0,
    dropped,
    error: finish.error,
    trail,
  }
}

function toFields({
  id,
  path,
  route,
  usage,
  error,
  trail,
  caller,
  ...rest
}: CallRecord): Record<string, unknown> {
  // Who answered, or was asked last.
  const served = answering(trail)?.model ?? route?.model
  return {
    id,
    path,
    route: route?.name,
    provider: served?.provider,
    model: served?.name,
    status: rest.status,
    stream: rest.stream || undefined,
    ms: round(rest.durationMs),
    first_byte_ms: round(rest.firstByteMs),
    ...(usage ? usageFields(usage) : {}),
    dropped: rest.dropped.length > 0 ? rest.dropped : undefined,
    ...trailFields(trail, error),
    ...callerFields(caller?.identity, error),
    error: error?.kind,
    // Only faults of the gateway itself are explained here: a provider's text may hold what users wrote.
    cause: error?.kind === 'internal' ? describe(error.cause) : undefined,
  }
}

/** Who called; of a credential that was refused, why and, where it is known, whose. */
function callerFields(
  identity: Identity | undefined,
  error: GatewayError | undefined,
): Record<string, unknown> {
  if (error?.cause instanceof CredentialRefusal) return { refused: error.cause.reason, key: error.cause.id }
  return { key: identity?.id, user: identity?.user ?? undefined, team: identity?.team ?? undefined }
}

/** A request that went as most do takes little room; a failed one tells all that was tried. */
function trailFields(trail: Trail, error: GatewayError | undefined): Record<string, unknown> {
  const { attempts, fallbacks, cache } = trail
  return {
    target: answering(trail)?.target,
    attempts: attempts.length,
    fallbacks: fallbacks > 0 ? fallbacks : undefined,
    cache,
    trail: error || attempts.length > 1 ? explainTrail(trail, false) : undefined,
  }
}

/** `input_tokens` and `output_tokens` are the whole; the others are parts of them, where the provider tells them. */
function usageFields(usage: Usage): Record<string, number | undefined> {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    cache_write_1h_tokens: usage.cacheWrite1hTokens,
    reasoning_tokens: usage.reasoningTokens,
    input_audio_tokens: usage.inputAudioTokens,
    input_image_tokens: usage.inputImageTokens,
    output_audio_tokens: usage.outputAudioTokens,
    output_image_tokens: usage.outputImageTokens,
    web_searches: usage.webSearches,
    search_units: usage.searchUnits,
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

function describe(cause: unknown): string | undefined {
  return cause instanceof Error ? (cause.stack ?? cause.message) : undefined
}
