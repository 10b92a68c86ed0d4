import { describe, expect, test } from 'vitest'
import { asArray, asNumber, asObject, asString, isObject, omit } from './json.ts'

test.each<[unknown, { object: boolean; text?: string; number?: number; list: unknown[] }]>([
  [{ a: 1 }, { object: true, list: [] }],
  [{}, { object: true, list: [] }],
  [[1], { object: false, list: [1] }],
  [null, { object: false, list: [] }],
  [undefined, { object: false, list: [] }],
  ['', { object: false, text: '', list: [] }],
  ['5', { object: false, text: '5', list: [] }],
  [0, { object: false, number: 0, list: [] }],
  [-1.5, { object: false, number: -1.5, list: [] }],
  [Number.NaN, { object: false, list: [] }],
  [Number.POSITIVE_INFINITY, { object: false, list: [] }],
  [true, { object: false, list: [] }],
])('%j is read as what it is and as nothing else', (value, { object, text, number, list }) => {
  expect(isObject(value)).toBe(object)
  expect(asObject(value)).toEqual(object ? value : {})
  expect(asString(value)).toBe(text)
  expect(asNumber(value)).toBe(number)
  expect(asArray(value)).toEqual(list)
})

describe('omit', () => {
  test('gives the members that are not known', () => {
    expect(omit({ a: 1, b: null, c: { d: 2 } }, new Set(['a', 'x']))).toEqual({ b: null, c: { d: 2 } })
  })

  test('leaves the object as it was', () => {
    const object = { a: 1, b: 2 }
    omit(object, new Set(['a']))
    expect(object).toEqual({ a: 1, b: 2 })
  })

  test('keeps a member named __proto__ a mere member', () => {
    const rest = omit(JSON.parse('{"__proto__":{"polluted":true}}'), new Set())
    expect(Object.getPrototypeOf(rest)).toBe(Object.prototype)
    expect(JSON.stringify(rest)).toBe('{"__proto__":{"polluted":true}}')
  })
})
