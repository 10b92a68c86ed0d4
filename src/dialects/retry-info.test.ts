import { expect, test } from 'vitest'
import { readRetryInfo } from './retry-info.ts'

test.each([
  ['34.4s', '35'],
  ['7s', '7'],
  ['0.01s', '1'],
  ['0s', '0'],
  ['-3s', undefined],
  ['soon', undefined],
  [7, undefined],
  [undefined, undefined],
])('a wait of %j is %j whole seconds', (retryDelay, seconds) => {
  expect(readRetryInfo([{ reason: 'x' }, { retryDelay }])).toBe(seconds)
})

test.each([undefined, null, 'x', {}, [null, 1]])('details of %j tell no wait', (details) => {
  expect(readRetryInfo(details)).toBeUndefined()
})
