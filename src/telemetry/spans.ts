import type { TraceContext } from '../core/trace.ts'
import { answering, type AttemptRecord } from '../core/trail.ts'
import type { CallRecord } from '../gateway/record.ts'
import { genAiOperation, genAiProvider } from './gen-ai.ts'
import { type Attribute, attributes, type AttributeValue, nanoseconds } from './otlp.ts'

/** A span as OTLP writes it in JSON. */
export interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  traceState?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: Attribute[]
  status: { code?: number }
}

const SERVER = 2
const CLIENT = 3
const ERROR = 2

/** The request, and below it each attempt. Nothing of what was asked and answered, and no words of providers. */
export function toSpans(record: CallRecord, context: TraceContext): Span[] {
  const { trail } = record
  const operation = genAiOperation(record)
  const startedAt = performance.timeOrigin + trail.startedAt
  const answered = answering(trail)
  return [
    requestSpan(record, { context, operation, startedAt }),
    ...trail.attempts.flatMap((attempt) =>
      attempt.spanId === undefined
        ? []
        : [attemptSpan(attempt, { context, operation, startedAt, record, isLast: attempt === answered })],
    ),
  ]
}

interface Around {
  readonly context: TraceContext
  readonly operation: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

function requestSpan(record: CallRecord, { context, operation, startedAt }: Around): Span {
  const { route, method, status, error, trail, caller } = record
  const identity = caller?.identity
  return span(context, {
    spanId: context.spanId,
    parentId: context.parentId,
    // A path may hold what clients choose.
    name: route ? `${operation} ${route.name}` : (method ?? 'HTTP'),
    kind: SERVER,
    startedAt,
    endedAt: startedAt + record.durationMs,
    // As the conventions for servers have it: what the caller did wrong is no fault of the server's.
    isError: error !== undefined && (status >= 500 || status < 400),
    values: {
      'http.request.method': method,
      'url.path': record.path,
      'http.response.status_code': status,
      'http.request.body.size': record.requestBytes || undefined,
      'http.response.body.size': record.responseBytes || undefined,
      'error.type': error?.kind,
      'mlflow_gateway.request.id': record.id,
      'mlflow_gateway.route': route?.name,
      'mlflow_gateway.dialect': record.dialect,
      'mlflow_gateway.stream': record.stream,
      'mlflow_gateway.cache': trail.cache,
      'mlflow_gateway.attempts': trail.attempts.length,
      'mlflow_gateway.fallbacks': trail.fallbacks || undefined,
      'mlflow_gateway.first_byte_ms': round(record.firstByteMs),
      'mlflow_gateway.decisions': trail.decisions.length > 0 ? trail.decisions.map(inWords) : undefined,
      'mlflow_gateway.key.name': identity?.name,
      'mlflow_gateway.user': identity?.user,
      'mlflow_gateway.team': identity?.team,
    },
  })
}

interface AroundAttempt extends Around {
  readonly record: CallRecord
  /** Whether it is the one that answered, or the last. */
  readonly isLast: boolean
}

function attemptSpan(attempt: AttemptRecord, around: AroundAttempt): Span {
  const { context, operation, record, isLast } = around
  const { model, outcome = 'canceled', tookMs } = attempt
  const startedAt = around.startedAt + attempt.startedMs
  const isStream = isLast && record.stream && record.status < 400
  const endedAt = isStream || tookMs === undefined ? around.startedAt + record.durationMs : startedAt + tookMs
  const isError = outcome !== 'ok' && outcome !== 'canceled'
  return span(context, {
    spanId: attempt.spanId ?? '',
    parentId: context.spanId,
    name: `${operation} ${model.name ?? model.provider}`,
    kind: CLIENT,
    startedAt,
    endedAt,
    isError,
    values: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': genAiProvider(model.provider),
      'gen_ai.request.model': model.name,
      'gen_ai.response.time_to_first_chunk': isStream && tookMs !== undefined ? tookMs / 1000 : undefined,
      ...(isLast && answerOf(record)),
      'error.type': outcome === 'ok' ? undefined : outcome,
      'mlflow_gateway.route': attempt.route,
      'mlflow_gateway.target': attempt.target,
      'mlflow_gateway.attempt.reason': attempt.reason,
      'mlflow_gateway.attempt.waited_ms': attempt.waitedMs > 0 ? round(attempt.waitedMs) : undefined,
    },
  })
}

function answerOf({
  modelServed,
  usage,
  finishReasons,
  isEstimated,
}: CallRecord): Record<string, AttributeValue> {
  return {
    'gen_ai.response.model': modelServed,
    'gen_ai.response.finish_reasons': finishReasons,
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'mlflow_gateway.usage.estimated': isEstimated || undefined,
  }
}

interface SpanParts {
  readonly spanId: string
  readonly parentId: string | undefined
  readonly name: string
  readonly kind: number
  readonly startedAt: number
  readonly endedAt: number
  readonly isError: boolean
  readonly values: Readonly<Record<string, AttributeValue>>
}

function span({ traceId, state }: TraceContext, parts: SpanParts): Span {
  return {
    traceId,
    spanId: parts.spanId,
    ...(parts.parentId !== undefined && { parentSpanId: parts.parentId }),
    ...(state !== undefined && { traceState: state }),
    name: parts.name,
    kind: parts.kind,
    startTimeUnixNano: nanoseconds(parts.startedAt),
    endTimeUnixNano: nanoseconds(parts.endedAt),
    attributes: attributes(parts.values),
    status: parts.isError ? { code: ERROR } : {},
  }
}

function inWords({ by, what, target }: CallRecord['trail']['decisions'][number]): string {
  return `${by}: ${what}${target === undefined ? '' : ` (${target})`}`
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
