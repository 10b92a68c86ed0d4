import { describe, expect, test, vi } from 'vitest'
import { makeFailure, makeTarget, RETRIES } from '../../../test/support/plan.ts'
import type { ErrorKind } from '../../core/error.ts'
import { DEFAULT_FALLBACK_KINDS, FALLBACK_KINDS, nextStep, type Situation } from './next-step.ts'

const failed = makeTarget('a')
const another = makeTarget('b')

function makeSituation(changes: Partial<Situation> = {}): Situation {
  return {
    error: makeFailure('server_error'),
    failed,
    settings: RETRIES,
    attempts: 1,
    repetitions: 0,
    remainingMs: 60_000,
    random: 0.5,
    other: () => undefined,
    mayRepeat: true,
    takeRetry: () => true,
    ...changes,
  }
}

const CALLERS: ErrorKind[] = [
  'bad_request',
  'not_found',
  'method_not_allowed',
  'too_large',
  'context_window',
  'content_policy',
]
const OURS: ErrorKind[] = ['canceled', 'draining', 'busy', 'internal']
const THIS_TARGETS: ErrorKind[] = ['auth', 'model_not_found']
const PASSING: ErrorKind[] = [
  'rate_limit',
  'overloaded',
  'server_error',
  'timeout',
  'connect',
  'bad_response',
  'truncated',
]

describe('the next step', () => {
  test.each([...CALLERS, ...OURS])('after %s is none, whoever is left', (kind) => {
    const other = vi.fn<() => undefined>()
    const takeRetry = vi.fn<() => boolean>(() => true)
    expect(nextStep(makeSituation({ error: makeFailure(kind), other, takeRetry }))).toBeUndefined()
    expect(other).not.toHaveBeenCalled()
    expect(takeRetry).not.toHaveBeenCalled()
  })

  test.each([...THIS_TARGETS, ...PASSING])('after %s is another healthy target, at once', (kind) => {
    const takeRetry = vi.fn<() => boolean>(() => true)
    const step = nextStep(makeSituation({ error: makeFailure(kind, '5'), other: () => another, takeRetry }))
    expect(step).toEqual({ target: another, reason: 'failover', waitMs: 0 })
    expect(takeRetry).not.toHaveBeenCalled()
  })

  test.each(THIS_TARGETS)('after %s is never the same target again', (kind) => {
    expect(nextStep(makeSituation({ error: makeFailure(kind) }))).toBeUndefined()
  })

  test.each(PASSING)('after %s is the same target after a wait, when there is no other', (kind) => {
    const step = nextStep(makeSituation({ error: makeFailure(kind) }))
    expect(step).toEqual({ target: failed, reason: 'retry', waitMs: 125 })
  })

  test('waits longer with each repetition', () => {
    expect(nextStep(makeSituation({ attempts: 2, repetitions: 1 }))?.waitMs).toBe(250)
  })

  test('waits as long as the provider says, when that fits into what is left', () => {
    const error = makeFailure('rate_limit', '2')
    expect(nextStep(makeSituation({ error, random: 0, remainingMs: 2001 }))?.waitMs).toBe(2000)
    expect(nextStep(makeSituation({ error, random: 0, remainingMs: 2000 }))).toBeUndefined()
    expect(nextStep(makeSituation({ error: makeFailure('rate_limit', '11') }))).toBeUndefined()
  })

  test.each([
    ['all attempts are used up', { attempts: 3, other: () => another }],
    ['there are to be no retries', { settings: { ...RETRIES, max: 0 }, other: () => another }],
    ['time is up', { remainingMs: 0, other: () => another }],
    ['the breaker has just opened', { mayRepeat: false }],
    ['the fleet has repeated enough', { takeRetry: () => false }],
  ])('is none when %s', (_when, changes) => {
    expect(nextStep(makeSituation(changes))).toBeUndefined()
  })

  test.each([
    ['the breaker has just opened', { mayRepeat: false }],
    ['the wait is too long', { error: makeFailure('rate_limit', '11') }],
    ['the wait does not fit', { error: makeFailure('rate_limit', '5'), remainingMs: 100 }],
  ])('takes nothing of the retry budget when %s', (_when, changes) => {
    const takeRetry = vi.fn<() => boolean>(() => true)
    nextStep(makeSituation({ ...changes, takeRetry }))
    expect(takeRetry).not.toHaveBeenCalled()
  })
})

test("fallbacks are for failures of targets, and for the request's own only where they are asked for", () => {
  expect(FALLBACK_KINDS.filter((kind) => !DEFAULT_FALLBACK_KINDS.includes(kind))).toEqual([
    'context_window',
    'content_policy',
  ])
  expect(FALLBACK_KINDS).not.toContain('bad_request')
})
