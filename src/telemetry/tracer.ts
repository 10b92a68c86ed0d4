import type { IncomingHttpHeaders } from 'node:http'
import { newSpanId, newTraceId, readTraceparent, type TraceContext } from '../core/trace.ts'
import type { OtelSettings } from './otel-settings.ts'

/** The limits of the specifications: what is longer is not passed on. */
const MAX_STATE = 512
const MAX_BAGGAGE = 8192

/** Where a request that comes in stands in a trace: in its sender's, or in one that begins with it. */
export function beginTrace(
  headers: IncomingHttpHeaders,
  { sampler, propagators }: Pick<OtelSettings, 'sampler' | 'propagators'>,
): TraceContext {
  const isTold = propagators.has('tracecontext')
  const parent = isTold ? readTraceparent(single(headers['traceparent'])) : undefined
  const traceId = parent?.traceId ?? newTraceId()
  return {
    traceId,
    spanId: newSpanId(),
    parentId: parent?.parentId,
    isSampled: sampler(traceId, parent),
    state: parent && bounded(joined(headers['tracestate']), MAX_STATE),
    baggage: propagators.has('baggage') ? bounded(joined(headers['baggage']), MAX_BAGGAGE) : undefined,
  }
}

/** Two of them are as good as none. */
function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

function joined(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header
}

function bounded(text: string | undefined, most: number): string | undefined {
  return text !== undefined && text !== '' && text.length <= most ? text : undefined
}
