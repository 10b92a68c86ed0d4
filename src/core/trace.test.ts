import { expect, test } from 'vitest'
import { newSpanId, newTraceId, readTraceparent, traceHeaders } from './trace.ts'

const TRACE = 'a'.repeat(32)
const PARENT = 'b'.repeat(16)

test('a traceparent names the trace, its sender, and whether it is kept', () => {
  expect(readTraceparent(`00-${TRACE}-${PARENT}-01`)).toEqual({
    traceId: TRACE,
    parentId: PARENT,
    isSampled: true,
  })
  expect(readTraceparent(`00-${TRACE}-${PARENT}-00`)?.isSampled).toBe(false)
  // Other flags are not this one's.
  expect(readTraceparent(`00-${TRACE}-${PARENT}-fe`)?.isSampled).toBe(false)
  expect(readTraceparent(`cc-${TRACE}-${PARENT}-03-later`)?.isSampled).toBe(true)
})

test.each([
  undefined,
  '',
  `ff-${TRACE}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}-01-x`,
  `00-${TRACE}-${PARENT}-1`,
  `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  `00-${'0'.repeat(32)}-${PARENT}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  ` 00-${TRACE}-${PARENT}-01`,
])('%s is no traceparent', (header) => {
  expect(readTraceparent(header)).toBeUndefined()
})

test('what is sent on can be read again', () => {
  const context = {
    traceId: newTraceId(),
    spanId: newSpanId(),
    parentId: undefined,
    isSampled: true,
    state: 'a=1',
    baggage: undefined,
  }
  const headers = traceHeaders(context, context.spanId)
  expect(Object.keys(headers)).toEqual(['traceparent', 'tracestate'])
  expect(readTraceparent(headers['traceparent'])).toEqual({
    traceId: context.traceId,
    parentId: context.spanId,
    isSampled: true,
  })
})
