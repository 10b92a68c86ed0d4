import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

const canonical = (text: string): string | undefined => canonicalJson(Buffer.from(text))

describe('the canonical text', () => {
  test('has no spaces and sorted members, at every depth', () => {
    expect(canonical(' {"b" : [ 1, {"d":null,"c":"x y"} ],\r\n\t"a":{}, "e" : [] } ')).toBe(
      '{"a":{},"b":[1,{"c":"x y","d":null}],"e":[]}',
    )
  })

  test.each([
    ['{"a":1.0}', '{"a":1}'],
    ['{"a":9007199254740993}', '{"a":9007199254740992}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"a":1,"a":2}', '{"a":2,"a":1}'],
    ['[1,2]', '[2,1]'],
    ['{"a":"b\\"}","c":"d"}', '{"a":"b\\"},\\"c","d":""}'],
    ['"\\\\"', '"\\\\\\\\"'],
  ])('tells %s from %s', (one, other) => {
    expect(canonical(one)).toBeDefined()
    expect(canonical(one)).not.toBe(canonical(other))
  })

  test('tells bytes apart that are no text', () => {
    const quoted = (byte: number): Buffer => Buffer.from([34, byte, 34])
    expect(canonicalJson(quoted(0xfe))).not.toBe(canonicalJson(quoted(0xff)))
  })

  test.each([
    ['', '{', '[}', 'nul', '1 2'],
    ['{"a"}', '{"a":1,}', '{a:1}', '{"a":1}}'],
    ['[1,]', '[1 2]', '"a', '"a\\"'],
  ])('of what is not JSON is none: %j, %j, %j, %j', (...texts) => {
    for (const text of texts) expect(canonical(text)).toBeUndefined()
  })

  test('of a body nested without end is none', () => {
    expect(canonical('['.repeat(200_000))).toBeUndefined()
    expect(canonical('{"a":'.repeat(200_000))).toBeUndefined()
  })

  test('is the same for members in any order, and means the same as the body', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonical(JSON.stringify(value)) ?? ''
        expect(JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))).toEqual(
          JSON.parse(JSON.stringify(value)),
        )
        expect(canonical(JSON.stringify(reversed(value), null, 2))).toBe(text)
      }),
      { numRuns: 200, seed: 4 },
    )
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, reversed(member)])
  return Object.fromEntries(members.toReversed())
}
