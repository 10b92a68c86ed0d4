import { expect, test } from 'vitest'
import { GatewayError } from '../core/error.ts'
import { Trail } from '../core/trail.ts'
import { logRecords, type CallRecord } from './record.ts'

const RECORD: CallRecord = {
  id: 'c1',
  path: '/v1/messages',
  route: { name: 'r', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } },
  dialect: 'anthropic',
  caller: undefined,
  status: 200,
  stream: false,
  durationMs: 12.345,
  firstByteMs: 1.04,
  usage: undefined,
  isEstimated: false,
  requestBytes: 0,
  responseBytes: 0,
  dropped: [],
  error: undefined,
  trail: new Trail(),
}

function lineOf(changes: Partial<CallRecord>): object {
  let line: object = {}
  logRecords((members) => (line = JSON.parse(`{${members.slice(1)}}`)))({ ...RECORD, ...changes })
  return line
}

test('a line says who was asked, how it went and how long it took', () => {
  expect(lineOf({})).toEqual({
    id: 'c1',
    path: '/v1/messages',
    route: 'r',
    provider: 'p',
    model: 'm',
    status: 200,
    ms: 12.3,
    first_byte_ms: 1,
    attempts: 0,
  })
})

test('a failed request, and one that was tried twice, tells all that was tried, but not in the words of others', () => {
  const trail = new Trail()
  const attempt = {
    route: 'r',
    target: 'p/m',
    model: { name: 'm', provider: 'p' },
    startedMs: 0.04,
    tookMs: 5,
    waitedMs: 0,
  }
  trail.attempts.push(
    { ...attempt, reason: 'first', outcome: 'server_error', message: 'words of a user' },
    { ...attempt, reason: 'retry', outcome: 'ok', waitedMs: 80 },
  )
  trail.note('retries', 'why')
  expect(lineOf({ trail })).toMatchObject({
    target: 'p/m',
    attempts: 2,
    trail: {
      attempts: [
        { route: 'r', target: 'p/m', reason: 'first', outcome: 'server_error', started_ms: 0, ms: 5 },
        { route: 'r', target: 'p/m', reason: 'retry', outcome: 'ok', started_ms: 0, ms: 5, waited_ms: 80 },
      ],
      decisions: [{ by: 'retries', what: 'why' }],
    },
  })
  expect(JSON.stringify(lineOf({ trail }))).not.toContain('words of a user')
})

test('tokens that were counted by us say so', () => {
  const usage = { inputTokens: 9, outputTokens: 5 }
  expect(lineOf({ usage, isEstimated: true })).toMatchObject({ input_tokens: 9, is_estimated: true })
  expect(lineOf({ usage })).not.toHaveProperty('is_estimated')
})

test('the usage is told by its kinds, as far as they are known', () => {
  const usage = {
    inputTokens: 9,
    outputTokens: 5,
    cacheReadTokens: 4,
    cacheWrite1hTokens: 2,
    reasoningTokens: 3,
  }
  expect(lineOf({ usage })).toMatchObject({
    input_tokens: 9,
    output_tokens: 5,
    cache_read_tokens: 4,
    cache_write_1h_tokens: 2,
    reasoning_tokens: 3,
  })
  expect(lineOf({ usage })).not.toHaveProperty('cache_write_tokens')
})

test('what the provider did not get is named', () => {
  expect(lineOf({ dropped: ['top_k'] })).toMatchObject({ dropped: ['top_k'] })
})

test('only a fault of our own is explained', () => {
  const cause = new Error('secret words of a user')
  const provider = new GatewayError('x', { kind: 'server_error', status: 500, cause })
  expect(lineOf({ error: provider })).not.toHaveProperty('cause')
  const ours = new GatewayError('x', { kind: 'internal', status: 500, cause: new Error('a bug') })
  expect(lineOf({ error: ours })).toMatchObject({
    error: 'internal',
    cause: expect.stringContaining('a bug'),
  })
})
