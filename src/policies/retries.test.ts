import { expect, test } from 'vitest'
import { retries } from './retries.ts'

const DEFAULTS = { max: 2, initialMs: 250, maxMs: 4000, respectRetryAfter: true, resumesStreams: false }

test.each([
  ['nothing is said', undefined, {}],
  ['the mapping is empty', {}, {}],
  ['there are to be none', { max: 0 }, { max: 0 }],
  ['the waits are given', { backoff: { initial: 100, max: 1000 } }, { initialMs: 100, maxMs: 1000 }],
  ['one of the waits is', { backoff: { max: 0 } }, { maxMs: 0 }],
  ['providers are not to be listened to', { respect_retry_after: false }, { respectRetryAfter: false }],
  ['streams are to be resumed', { mid_stream: 'resume' }, { resumesStreams: true }],
  ['streams are not to be resumed', { mid_stream: 'off' }, {}],
])('what is not said of retries is as by default: %s', (_what, options, changes) => {
  expect(retries.read(options)).toEqual({ retries: { ...DEFAULTS, ...changes } })
})
