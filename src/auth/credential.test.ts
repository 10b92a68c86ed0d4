import { expect, test } from 'vitest'
import { credentialOf } from './credential.ts'

test.each([
  [{}, '', undefined],
  [{ authorization: 'Bearer one' }, '', 'one'],
  [{ authorization: 'bearer   one ' }, '', 'one'],
  [{ authorization: 'one' }, '', 'one'],
  [{ authorization: 'Basic b25lOnR3bw==' }, '', 'Basic b25lOnR3bw=='],
  [{ authorization: 'Bearer' }, '', 'Bearer'],
  [{ authorization: 'Bearer ' }, '', ''],
  [{ authorization: '' }, '', undefined],
  [{ 'x-api-key': 'one' }, '', 'one'],
  [{ 'x-goog-api-key': 'one' }, '', 'one'],
  [{ 'api-key': 'one' }, '', 'one'],
  [{ authorization: 'Bearer one', 'x-api-key': 'two' }, 'key=three', 'one'],
  [{ 'x-api-key': 'two' }, 'key=three', 'two'],
  [{ 'x-api-key': ['one', 'two'] }, '', undefined],
  [{}, 'key=three', 'three'],
  [{}, 'key=', undefined],
  [{ cookie: 'key=one' }, '', undefined],
])('of %j and "%s": %s', (headers, search, expected) => {
  expect(credentialOf({ headers, search: new URLSearchParams(search) }, true)).toBe(expected)
})

test('a query is not looked at where credentials do not belong into it', () => {
  expect(credentialOf({ headers: {}, search: new URLSearchParams('key=one') }, false)).toBeUndefined()
})
