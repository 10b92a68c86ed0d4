import { expect, test } from 'vitest'
import { findJsonError } from './json-error.ts'

const VALUE = 'Expecting value'
const NAME = 'Expecting property name enclosed in double quotes'
const COMMA = "Expecting ',' delimiter"
const COLON = "Expecting ':' delimiter"
const EXTRA = 'Extra data'
const UNTERMINATED = 'Unterminated string starting at'
const CONTROL = 'Invalid control character at'
const ESCAPE = String.raw`Invalid \escape`
const UNICODE_ESCAPE = String.raw`Invalid \uXXXX escape`

/** Recorded from `json.loads` of Python 3.11: message, offset, line, column. */
test.each<[string, string, number, number, number]>([
  ['', VALUE, 0, 1, 1],
  ['   ', VALUE, 3, 1, 4],
  ['{', NAME, 1, 1, 2],
  ['[', VALUE, 1, 1, 2],
  ['{bad', NAME, 1, 1, 2],
  ['{1:2}', NAME, 1, 1, 2],
  ['{,}', NAME, 1, 1, 2],
  ["{'a':1}", NAME, 1, 1, 2],
  ['{"a":1,}', NAME, 7, 1, 8],
  ['{"a":1, ', NAME, 8, 1, 9],
  ['{"a":1,,"b":2}', NAME, 7, 1, 8],
  ['{\n  "a": 1,\n  b: 2\n}', NAME, 14, 3, 3],
  ['{"a"', COLON, 4, 1, 5],
  ['{"a" 1}', COLON, 5, 1, 6],
  ['{"a":}', VALUE, 5, 1, 6],
  ['{"a": undefined}', VALUE, 6, 1, 7],
  ['{"a":tru}', VALUE, 5, 1, 6],
  ['{"a":-}', VALUE, 5, 1, 6],
  ['{"a":\r\n bad}', VALUE, 8, 2, 2],
  ['{"a": \n\n', VALUE, 8, 3, 1],
  ['{"a":{"b":[1,{"c":}]}}', VALUE, 18, 1, 19],
  ['[1,]', VALUE, 3, 1, 4],
  ['[,1]', VALUE, 1, 1, 2],
  ['[1,\n2,\n]', VALUE, 7, 3, 1],
  ['[[[[', VALUE, 4, 1, 5],
  ['// c\n{}', VALUE, 0, 1, 1],
  ['nul', VALUE, 0, 1, 1],
  ['-', VALUE, 0, 1, 1],
  ['.5', VALUE, 0, 1, 1],
  ['+1', VALUE, 0, 1, 1],
  ['{"a":1 "b":2}', COMMA, 7, 1, 8],
  ['{"a":"b"', COMMA, 8, 1, 9],
  ['{"a":1.5.2}', COMMA, 8, 1, 9],
  ['{"a":00}', COMMA, 6, 1, 7],
  ['{"a":1e5e}', COMMA, 8, 1, 9],
  ['{"stop": ["a" "b"]}', COMMA, 14, 1, 15],
  ['{"é":"ü" x}', COMMA, 9, 1, 10],
  ['[1 2]', COMMA, 3, 1, 4],
  ['[1,2', COMMA, 4, 1, 5],
  ['{"a":1} x', EXTRA, 8, 1, 9],
  ['[1]]', EXTRA, 3, 1, 4],
  ['01', EXTRA, 1, 1, 2],
  ['1.', EXTRA, 1, 1, 2],
  ['1e', EXTRA, 1, 1, 2],
  [String.raw`{"a":"\uD83D"}x`, EXTRA, 14, 1, 15],
  ['"abc', UNTERMINATED, 0, 1, 1],
  ['{"a":"x', UNTERMINATED, 5, 1, 6],
  ['{"a":"\\', UNTERMINATED, 5, 1, 6],
  ['{"a":"x\ny"}', CONTROL, 7, 1, 8],
  ['"a\tb"', CONTROL, 2, 1, 3],
  ['{"a":"\u0000"}', CONTROL, 6, 1, 7],
  [String.raw`{"a":"\x"}`, ESCAPE, 6, 1, 7],
  [String.raw`{"a":"\u12"}`, UNICODE_ESCAPE, 7, 1, 8],
  [String.raw`{"a":"\u12G4"}`, UNICODE_ESCAPE, 7, 1, 8],
  [String.raw`{"a":"\u"}`, UNICODE_ESCAPE, 7, 1, 8],
])('%j fails as in Python: %s at %i', (doc, msg, pos, lineno, colno) => {
  expect(() => JSON.parse(doc)).toThrow(SyntaxError)
  expect(findJsonError(doc)).toEqual({ msg, pos, lineno, colno })
})

test('offsets count characters as Python does, not halves of them', () => {
  expect(findJsonError('{"😀":1 x}')).toEqual({ msg: COMMA, pos: 7, lineno: 1, colno: 8 })
})

test.each([
  ['lists', '['.repeat(200_000), { msg: VALUE, pos: 200_000, lineno: 1, colno: 200_001 }],
  ['objects', '{"a":'.repeat(100_000), { msg: VALUE, pos: 500_000, lineno: 1, colno: 500_001 }],
  [
    'closed lists',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}]`,
    { msg: EXTRA, pos: 200_000, lineno: 1, colno: 200_001 },
  ],
])('any depth of %s can be scanned', (_what, doc, expected) => {
  expect(findJsonError(doc)).toEqual(expected)
})
