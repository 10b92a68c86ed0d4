import type { Caller } from '../core/caller.ts'
import type { Operation } from '../core/dialect.ts'
import type { GatewayError } from '../core/error.ts'
import { CredentialRefusal, type Identity } from '../core/identity.ts'
import type { UnseenCall } from '../core/policy.ts'
import { JsonMembers } from '../core/json-members.ts'
import type { RouteInfo } from '../core/route.ts'
import { answering, type Trail } from '../core/trail.ts'
import type { Usage } from '../core/usage.ts'
import type { SaidBody } from './bodies/body-keeper.ts'
import { explainTrail } from './explain-trail.ts'

/** What is remembered of one request. No header, no credential; what was said only where the route keeps that. */
export interface CallRecord {
  id: string
  path: string
  /** Absent where no client asked. */
  method?: string | undefined
  route: RouteInfo | undefined
  /** The API that the client speaks. */
  dialect: string
  /** Unknown where a request was refused before it was looked at, as one of nobody who may call. */
  caller: Caller | undefined
  /** Undefined where a request failed before it was read. */
  operation?: Operation | undefined
  status: number
  stream: boolean
  /** From the request's head to the last byte of the answer. */
  durationMs: number
  /** From the request's head to the first byte of the answer. */
  firstByteMs: number
  /** What the provider calls the model that answered. */
  modelServed?: string | undefined
  usage: Usage | undefined
  /** Why the model stopped, in OpenAI's words; one for each candidate. Absent where it was not read. */
  finishReasons?: readonly string[] | undefined
  /** Whether `usage` is counted by us, because the provider did not tell it to the end. */
  isEstimated: boolean
  /** Of the bodies. */
  requestBytes: number
  responseBytes: number
  /** Names of request fields that the provider did not get. */
  dropped: readonly string[]
  error: GatewayError | undefined
  trail: Trail
  said?: SaidBody | undefined
}

/** Where records go. */
export type Recorder = (record: CallRecord) => void

/** Several recorders, called in turn. */
export function recordInTurn(recorders: readonly Recorder[]): Recorder {
  return (record) => {
    for (const recorder of recorders) recorder(record)
  }
}

/** The access log: one line for each finished request. `write` takes its members, each with a comma before it. */
export function logRecords(write: (members: string) => void): Recorder {
  return (record) => write(membersOf(record))
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
    operation: request.operation,
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

function membersOf(record: CallRecord): string {
  const { route, usage, error, trail, dropped } = record
  // Who answered, or was asked last.
  const served = answering(trail)?.model ?? route?.model
  const line = new JsonMembers()
  // One of its own: not to be remembered.
  line.text = `,"id":${JSON.stringify(record.id)}`
  line.add('path', record.path)
  line.add('route', route?.name)
  line.add('provider', served?.provider)
  line.add('model', served?.name)
  line.add('status', record.status)
  line.add('stream', record.stream || undefined)
  line.add('ms', round(record.durationMs))
  line.add('first_byte_ms', round(record.firstByteMs))
  if (usage) addUsage(line, usage)
  line.add('is_estimated', record.isEstimated || undefined)
  if (trail.trace) line.text += `,"trace_id":"${trail.trace.traceId}"`
  line.add('dropped', dropped.length > 0 ? dropped : undefined)
  addTrail(line, trail, error)
  addCaller(line, record.caller?.identity, error)
  line.add('error', error?.kind)
  // Only faults of the gateway itself are explained here: a provider's text may hold what users wrote.
  line.add('cause', error?.kind === 'internal' ? describe(error.cause) : undefined)
  return line.text
}

/** Who called; of a credential that was refused, why and, where it is known, whose. */
function addCaller(line: JsonMembers, identity: Identity | undefined, error: GatewayError | undefined): void {
  if (error?.cause instanceof CredentialRefusal) {
    line.add('refused', error.cause.reason)
    line.add('key', error.cause.id)
    return
  }
  line.add('key', identity?.id)
  line.add('user', identity?.user ?? undefined)
  line.add('team', identity?.team ?? undefined)
}

/** A request that went as most do takes little room; a failed one tells all that was tried. */
function addTrail(line: JsonMembers, trail: Trail, error: GatewayError | undefined): void {
  const { attempts, fallbacks, cache } = trail
  line.add('target', answering(trail)?.target)
  line.add('attempts', attempts.length)
  line.add('fallbacks', fallbacks > 0 ? fallbacks : undefined)
  line.add('cache', cache)
  line.add('client_key', trail.hasClientKey || undefined)
  line.add('trail', error || attempts.length > 1 ? explainTrail(trail, false) : undefined)
}

/** `input_tokens` and `output_tokens` are the whole; the others are parts of them, where the provider tells them. */
function addUsage(line: JsonMembers, usage: Usage): void {
  line.add('input_tokens', usage.inputTokens)
  line.add('output_tokens', usage.outputTokens)
  line.add('cache_read_tokens', usage.cacheReadTokens)
  line.add('cache_write_tokens', usage.cacheWriteTokens)
  line.add('cache_write_1h_tokens', usage.cacheWrite1hTokens)
  line.add('reasoning_tokens', usage.reasoningTokens)
  line.add('input_audio_tokens', usage.inputAudioTokens)
  line.add('input_image_tokens', usage.inputImageTokens)
  line.add('output_audio_tokens', usage.outputAudioTokens)
  line.add('output_image_tokens', usage.outputImageTokens)
  line.add('web_searches', usage.webSearches)
  line.add('search_units', usage.searchUnits)
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

function describe(cause: unknown): string | undefined {
  return cause instanceof Error ? (cause.stack ?? cause.message) : undefined
}
