import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RawJson, rawObject, stringifyRaw } from './raw-json.ts'

describe('values with raw JSON inside', () => {
  test('raw text is written as it came, in objects and lists', () => {
    const raw = new RawJson('{ "id": 9007199254740993 }')
    expect(stringifyRaw({ a: [raw, null], b: 'x' })).toBe('{"a":[{ "id": 9007199254740993 },null],"b":"x"}')
  })

  test('without raw parts the text is that of JSON.stringify', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(stringifyRaw(JSON.parse(json))).toBe(JSON.stringify(JSON.parse(json)))
      }),
    )
  })

  test('only the text of an object is taken as raw', () => {
    expect(rawObject(' {"a":1}')?.text).toBe(' {"a":1}')
    for (const text of ['', '[1]', '"a"', '{"a":', 'null']) expect(rawObject(text)).toBeUndefined()
  })
})
