import { describe, expect, test } from 'vitest'
import { GatewayError, toGatewayError, type ErrorKind } from './error.ts'

describe('GatewayError', () => {
  test.each<[ErrorKind, boolean]>([
    ['bad_request', false],
    ['not_found', false],
    ['method_not_allowed', false],
    ['too_large', false],
    ['context_window', false],
    ['content_policy', false],
    ['model_not_found', false],
    ['auth', false],
    ['rate_limit', true],
    ['overloaded', true],
    ['server_error', true],
    ['timeout', true],
    ['connect', true],
    ['bad_response', true],
    ['truncated', true],
    ['canceled', false],
    ['draining', false],
    ['internal', false],
  ])('of kind %s: another attempt may succeed: %s', (kind, retryable) => {
    expect(new GatewayError('x', { kind, status: 400 }).retryable).toBe(retryable)
  })

  test('carries all that it was given', () => {
    const options = {
      kind: 'rate_limit',
      status: 429,
      detail: [1],
      parameter: 'candidates',
      retryAfter: '7',
      cause: new Error('inside'),
    } as const
    expect(new GatewayError('slow down', options)).toMatchObject({
      name: 'GatewayError',
      message: 'slow down',
      ...options,
    })
  })

  test('keeps everything else when its message changes', () => {
    const options = {
      kind: 'rate_limit',
      status: 429,
      detail: [1],
      parameter: 'candidates',
      retryAfter: '7',
      cause: new Error('inside'),
    } as const
    const other = new GatewayError('{parameter} is too high', options).withMessage('n is too high')
    expect(other).toBeInstanceOf(GatewayError)
    expect(other).toMatchObject({ message: 'n is too high', ...options })
    expect('cause' in new GatewayError('x', { kind: 'internal', status: 500 }).withMessage('y')).toBe(false)
  })

  test('has no cause when none was given', () => {
    expect('cause' in new GatewayError('x', { kind: 'internal', status: 500 })).toBe(false)
  })
})

describe('toGatewayError', () => {
  test('leaves a GatewayError as it is', () => {
    const error = new GatewayError('x', { kind: 'auth', status: 401 })
    expect(toGatewayError(error)).toBe(error)
  })

  test.each([new TypeError('sk-canary'), 'sk-canary', undefined, null, { a: 1 }])(
    'makes a fault of ours of anything else and says nothing about it: %s',
    (thrown) => {
      const error = toGatewayError(thrown)
      expect(error).toMatchObject({ kind: 'internal', status: 500, retryable: false })
      expect(error.cause).toBe(thrown)
      expect(error.message).toBe('The gateway failed while handling this request.')
    },
  )
})
