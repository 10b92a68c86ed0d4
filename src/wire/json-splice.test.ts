import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findLastObject, spliceMembers } from './json-splice.ts'

describe('spliceMembers', () => {
  test.each([
    ['an object', '{"a":1}', '{"model":"m","a":1}'],
    ['an empty object', '{}', '{"model":"m"}'],
    ['an empty object with white space', ' \n{ \t\r\n} ', ' \n{"model":"m" \t\r\n} '],
    ['white space in front', '\r\n\t {\n  "a" : 1\n}\n', '\r\n\t {"model":"m",\n  "a" : 1\n}\n'],
    ['text beyond ASCII', '{"é":"😀"}', '{"model":"m","é":"😀"}'],
    [
      'numbers that JavaScript cannot hold',
      '{"a":12345678901234567890.10}',
      '{"model":"m","a":12345678901234567890.10}',
    ],
  ])('writes into %s, as text and as bytes', (_what, json, expected) => {
    expect(spliceMembers(json, { model: 'm' })).toBe(expected)
    expect(spliceMembers(Buffer.from(json), { model: 'm' })).toEqual(Buffer.from(expected))
  })

  test('leaves the body as it is when there is nothing to write', () => {
    const body = Buffer.from('{"a":1}')
    expect(spliceMembers(body, {})).toBe(body)
    expect(spliceMembers('{}', {})).toBe('{}')
  })

  test('leaves out members that are undefined, as JSON does', () => {
    expect(spliceMembers('{"a":1}', { model: undefined })).toBe('{"a":1}')
  })

  test('writes values of any kind, escaped', () => {
    const members = { 'a"b': 'c"\\\n', list: [1, null, true], deep: { x: {} } }
    expect(JSON.parse(String(spliceMembers('{"z":0}', members)))).toEqual({ ...members, z: 0 })
  })

  test('gives the merged object and keeps every other byte, for any object', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })
    fc.assert(
      fc.property(
        object,
        fc.constantFrom(0, 1, '\t'),
        fc.stringMatching(/^[ \t\r\n]*$/),
        (rest, indent, blank) => {
          const json = blank + JSON.stringify(rest, null, indent) + blank
          const spliced = spliceMembers(Buffer.from(json), { '\u0000new': ['x'] })
          expect(JSON.parse(String(spliced))).toEqual({ ...JSON.parse(json), '\u0000new': ['x'] })
          const after = json.slice(json.indexOf('{') + 1)
          expect(String(spliced).endsWith(after)).toBe(true)
          expect(String(spliced).startsWith(`${blank}{`)).toBe(true)
          expect(spliceMembers(json, { '\u0000new': ['x'] })).toBe(String(spliced))
        },
      ),
      { numRuns: 300 },
    )
  })
})

function find(json: string): unknown {
  return findLastObject(Buffer.from(json), 'usage')
}

describe('findLastObject', () => {
  test.each<[string, string, unknown]>([
    ['at the top', '{"usage":{"a":1}}', { a: 1 }],
    ['with members after it', '{"usage":{"a":1},"z":"}"}', { a: 1 }],
    ['nested', '{"x":{"y":[{"usage":{"a":1}}]}}', { a: 1 }],
    ['the last of several', '{"usage":{"a":1},"x":{"usage":{"a":2}}}', { a: 2 }],
    ['with objects in it', '{"usage":{"a":{"b":{"c":1}},"d":2}}', { a: { b: { c: 1 } }, d: 2 }],
    [
      'with braces and quotes in its strings',
      String.raw`{"usage":{"a":"}\"{\\","b":1}}`,
      { a: '}"{\\', b: 1 },
    ],
    ['with white space around the colon', '{"usage" \r\n:\t {"a":1}}', { a: 1 }],
    ['empty', '{"usage":{}}', {}],
    ['absent', '{"a":1}', undefined],
    ['null', '{"usage":null}', undefined],
    ['a number', '{"usage":1}', undefined],
    ['a text', '{"usage":"{}"}', undefined],
    ['only as a value', '{"a":"usage","b":{"c":1}}', undefined],
    ['only in a longer name', '{"usages":{"a":1},"my_usage":{"a":2}}', undefined],
    ['cut off', '{"usage":{"a":1', undefined],
    ['inside a string', String.raw`{"usage":{"a":1},"text":"\"usage\":{\"a\":2}"}`, { a: 1 }],
    ['in a text that only looks like JSON', '"usage":{a} {"usage":{"b":1}', { b: 1 }],
    ['followed by a text that only looks like it', '{"usage":{"b":1}} "usage":{a}', { b: 1 }],
    [
      'behind an escaped quote, which is the end of a longer name',
      String.raw`{"my\"usage":{"a":1}}`,
      undefined,
    ],
    ['nothing at all', '', undefined],
  ])('finds a member %s', (_what, json, expected) => {
    expect(find(json)).toEqual(expected)
  })

  test('finds what a walk through the parsed text finds', () => {
    const key = fc.constantFrom('usage', 'a', 'usage ', '{', '}', '\\', 'é')
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        0,
        'usage',
        '"usage":{"a":1}',
        '\\"usage\\":{}',
        '{',
        '}',
        '\\',
        '"',
        ':',
      ),
      fc.string(),
    )
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, depthSize: 'medium' },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (json, indent) => {
        expect(find(JSON.stringify(json, null, indent))).toEqual(lastObject(json))
      }),
      { numRuns: 500 },
    )
  })
})

/** The last member named `usage` that holds an object, in the order of the text. */
function lastObject(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  let last: unknown
  for (const [key, member] of Object.entries(value)) {
    if (!Array.isArray(value) && key === 'usage' && isPlain(member)) last = member
    last = lastObject(member) ?? last
  }
  return last
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
