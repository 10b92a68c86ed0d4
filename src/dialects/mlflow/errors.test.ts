import { expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import { parameterName, writeError, writeStreamError } from './errors.ts'

test('an error is its sentence', () => {
  const error = new GatewayError('Slow down.', { kind: 'rate_limit', status: 429 })
  expect(writeError(error)).toEqual({ status: 429, body: { detail: 'Slow down.' } })
})

test('an error with a detail is that detail', () => {
  const detail = [{ loc: ['body'], msg: 'field required', type: 'value_error.missing' }]
  const error = new GatewayError('body: field required', { kind: 'bad_request', status: 422, detail })
  expect(writeError(error)).toEqual({ status: 422, body: { detail } })
})

test('an error within a stream is one event', () => {
  const error = new GatewayError('Cut\n\nshort.', { kind: 'truncated', status: 502 })
  expect(writeStreamError(error)).toBe('data: {"error":{"message":"Cut\\n\\nshort.","type":"truncated"}}\n\n')
})

test.each([
  ['seed', 'candidates', 'candidate_count'],
  ['2.5', 'candidates', 'candidate_count'],
  ['2.9', 'candidates', 'n'],
  ['2.9', 'temperature', 'temperature'],
] as const)('in contract %s the field %s is called %s', (contract, parameter, expected) => {
  expect(parameterName(contract, parameter)).toBe(expected)
})
