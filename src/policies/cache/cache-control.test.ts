import { expect, test } from 'vitest'
import { readCacheControl } from './cache-control.ts'

const ANYTHING = { reads: true, stores: true, maxAgeMs: Infinity }

test.each([
  [undefined, ANYTHING],
  ['', ANYTHING],
  ['private, no-transform', ANYTHING],
  ['no-cache', { ...ANYTHING, reads: false }],
  ['No-Cache', { ...ANYTHING, reads: false }],
  ['no-store', { ...ANYTHING, reads: false, stores: false }],
  [' max-age=5 ,  private', { ...ANYTHING, maxAgeMs: 5000 }],
  ['max-age="5"', { ...ANYTHING, maxAgeMs: 5000 }],
  ['max-age=60, max-age=5', { ...ANYTHING, maxAgeMs: 5000 }],
  ['max-age=0', { reads: false, stores: true, maxAgeMs: 0 }],
  ['max-age=soon', { reads: false, stores: true, maxAgeMs: 0 }],
  ['no-cache, no-store', { ...ANYTHING, reads: false, stores: false }],
])('%j', (header, wish) => {
  expect(readCacheControl(header)).toEqual(wish)
})
