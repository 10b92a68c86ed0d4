import { expect, test } from 'vitest'
import { makeCall } from '../../test/support/call.ts'
import { GatewayError, type ErrorKind } from '../core/error.ts'
import type { AttemptRecord } from '../core/trail.ts'
import type { Usage } from '../core/usage.ts'
import { usedBy, usedWithoutAnswer } from './used.ts'

const COUNTED = { promptTokens: () => 100, answerTokens: () => 10 }

test.each<[string, Usage | undefined, boolean, Usage, boolean]>([
  [
    'all that was told',
    { inputTokens: 5, outputTokens: 2 },
    true,
    { inputTokens: 5, outputTokens: 2 },
    false,
  ],
  ['nothing that was told', undefined, true, { inputTokens: 100, outputTokens: 10 }, true],
  ['the half that was told', { inputTokens: 5 }, true, { inputTokens: 5, outputTokens: 10 }, true],
  ['the other half', { outputTokens: 2 }, true, { inputTokens: 100, outputTokens: 2 }, true],
  [
    'what was told at the beginning of an answer that broke off',
    { inputTokens: 5, cacheReadTokens: 3, outputTokens: 1, totalTokens: 6 },
    false,
    { inputTokens: 5, cacheReadTokens: 3, outputTokens: 10 },
    true,
  ],
  [
    'what was told on the way of an answer that broke off',
    { inputTokens: 5, outputTokens: 30 },
    false,
    { inputTokens: 5, outputTokens: 30 },
    true,
  ],
])('with %s the rest is counted', (_what, told, isWhole, usage, isEstimated) => {
  expect(usedBy(told, { isWhole, ...COUNTED })).toEqual({ usage, ...(isEstimated && { isEstimated }) })
})

const ASKED: AttemptRecord = {
  route: 'r',
  target: 'p/m',
  model: { name: 'm', provider: 'p' },
  reason: 'first',
  startedMs: 0,
  waitedMs: 0,
}

test.each<[string, ErrorKind, AttemptRecord[], boolean]>([
  ['after a provider had its prompt', 'canceled', [ASKED], true],
  ['after the provider had failed', 'canceled', [{ ...ASKED, outcome: 'busy' }], false],
  ['before a provider was asked', 'canceled', [], false],
  ['not at all, but was refused', 'rate_limit', [ASKED], false],
])('a client that left %s', (_when, kind, attempts, isCounted) => {
  const body = Buffer.from('{"messages":[{"role":"user","content":"hello there"}]}')
  const call = { ...makeCall(body.toString()), asked: { endpoint: '/', body } }
  call.trail.attempts.push(...attempts)
  const used = usedWithoutAnswer(call, new GatewayError('', { kind, status: 499 }))
  expect(used).toEqual(isCounted ? { usage: { inputTokens: 14, outputTokens: 0 }, isEstimated: true } : {})
})
