import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMember, removeMember, replaceMember, scanMembers, type Member } from './json-scan.ts'

const SEED = { numRuns: 500 }
const objects = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })

function scan(text: string): Member[] {
  const members = scanMembers(Buffer.from(text))
  if (!members) throw new Error('not an object')
  return members
}

describe('scanMembers', () => {
  test('finds what JSON.parse finds, in any object and any layout', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 2, '\t'), (object, indent) => {
        const json = Buffer.from(` ${JSON.stringify(object, null, indent)}\n`)
        const found = scanMembers(json)?.map((member) => [member.name, parseMember(json, member)])
        expect(found).toEqual(
          Object.entries(object).map(([name, value]) => [name, JSON.parse(JSON.stringify(value))]),
        )
      }),
      SEED,
    )
  })

  test.each([
    ['nothing', ''],
    ['a list', '[{"a":1}]'],
    ['a string', '"{}"'],
    ['an object that does not end', '{"a":1'],
    ['a string that does not end', '{"a":"b\\"}'],
    ['a list that does not end', '{"a":[1,2}'.slice(0, -1)],
    ['a name without quotes', '{a:1}'],
    ['a missing colon', '{"a" 1}'],
    ['a missing value', '{"a":}'],
    ['a missing comma', '{"a":1 "b":2}'],
    ['a comma too many', '{"a":1,}'],
    ['more behind the object', '{"a":1} {"model":"x"}'],
  ])('finds no members in %s', (_what, text) => {
    expect(scanMembers(Buffer.from(text))).toBeUndefined()
  })

  test('reads an escaped name as the name it is', () => {
    expect(scan(String.raw`{"\u006dodel":1}`)[0]?.name).toBe('model')
  })

  test('gives both of two members with one name', () => {
    expect(scan('{"a":1,"a":2}').map(({ name }) => name)).toEqual(['a', 'a'])
  })
})

test('replaceMember changes one value and no other byte', () => {
  const json = '{ "seed": 9007199254740993, "model" : "a", "x": 1e400 }'
  const model = scan(json)[1]
  expect(model && replaceMember(Buffer.from(json), model, 'b"c').toString()).toBe(
    String.raw`{ "seed": 9007199254740993, "model" : "b\"c", "x": 1e400 }`,
  )
})

test.each([
  ['{"a":1,"b":2,"c":3}', 0, '{"b":2,"c":3}'],
  ['{"a":1, "b":2 , "c":3}', 1, '{"a":1, "c":3}'],
  ['{"a":1 , "b":2}', 1, '{"a":1 }'],
  ['{ "a":1 }', 0, '{  }'],
])('removeMember leaves valid JSON: %s without member %i', (json, index, expected) => {
  const member = scan(json)[index]
  expect(member && removeMember(Buffer.from(json), member).toString()).toBe(expected)
})

test('removeMember leaves the other members, in any object', () => {
  fc.assert(
    fc.property(objects, fc.nat(), fc.constantFrom(0, 2), (object, choice, indent) => {
      const json = Buffer.from(JSON.stringify(object, null, indent))
      const members = scanMembers(json) ?? []
      const member = members[choice % Math.max(members.length, 1)]
      if (!member) return
      const rest = Object.entries(JSON.parse(json.toString())).filter(([name]) => name !== member.name)
      expect(Object.entries(JSON.parse(removeMember(json, member).toString()))).toEqual(rest)
    }),
    SEED,
  )
})
