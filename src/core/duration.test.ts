import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
  ['0.5ms', 0.5],
  [2, 2000],
  [0.25, 250],
  [0, 0],
])('%j is %i milliseconds', (value, expected) => {
  expect(parseDuration(value)).toBe(expected)
})

test.each([
  '',
  '5',
  's',
  '1 d',
  ' 1s',
  '1s ',
  '-1s',
  '+1s',
  '1.s',
  '.5s',
  '1e3s',
  '1S',
  '1w',
  '1h30m',
  '1s\n',
  '١s',
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
])('%j is no duration', (value) => {
  expect(parseDuration(value)).toBeUndefined()
})
