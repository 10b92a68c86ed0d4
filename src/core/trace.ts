import { randomBytes } from 'node:crypto'

/**
 * Where a request stands in a trace that spans several services.
 * Source: https://www.w3.org/TR/trace-context/ and https://www.w3.org/TR/baggage/
 */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string
  /** Of the request here, 16 hex digits; attempts are below it. */
  readonly spanId: string
  /** Of who sent the request. */
  readonly parentId: string | undefined
  readonly isSampled: boolean
  /** What others wrote into the trace; passed on as it came. */
  readonly state: string | undefined
  readonly baggage: string | undefined
}

/** What a `traceparent` says; undefined when it is none. */
export function readTraceparent(
  header: string | undefined,
): (Pick<TraceContext, 'traceId' | 'isSampled'> & { parentId: string }) | undefined {
  const [, version, traceId = '', parentId = '', flags = '', more] = PARENT.exec(header ?? '') ?? []
  // Of a later version what is known is read, and more may follow.
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

const PARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/

/** The headers by which a request to somebody else belongs to the trace, below the span `spanId`. */
export function traceHeaders(context: TraceContext, spanId: string): Readonly<Record<string, string>> {
  const { traceId, isSampled, state, baggage } = context
  return {
    traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`,
    ...(state !== undefined && { tracestate: state }),
    ...(baggage !== undefined && { baggage }),
  }
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex')
}

export function newSpanId(): string {
  return randomBytes(8).toString('hex')
}
