import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { JsonValue } from '../../core/json.ts'
import { Fields, invalidRequest, missingBody, notAMapping } from './fields.ts'

const AT = ['body', 'x']

function refusal(fields: Fields): unknown {
  try {
    fields.check()
  } catch (error) {
    if (error instanceof GatewayError) return error.detail
    throw error
  }
  return undefined
}

/** What `read` gives, whether it had to change the value, and the mistakes found. */
function read<Value>(reading: (fields: Fields) => Value): {
  value: Value
  coerced: boolean
  errors: unknown
} {
  const fields = new Fields()
  const value = reading(fields)
  return { value, coerced: fields.coerced, errors: refusal(fields) }
}

function mistake(msg: string, type: string, limit?: number): unknown {
  return [{ loc: AT, msg, type, ...(limit === undefined ? {} : { ctx: { limit_value: limit } }) }]
}

const MISSING = mistake('field required', 'value_error.missing')
const NULL = mistake('none is not an allowed value', 'type_error.none.not_allowed')
const NOT_STR = mistake('str type expected', 'type_error.str')
const NOT_LIST = mistake('value is not a valid list', 'type_error.list')
const NOT_FLOAT = mistake('value is not a valid float', 'type_error.float')
const NOT_INT = mistake('value is not a valid integer', 'type_error.integer')

describe('a string', () => {
  test.each<[JsonValue, string, boolean]>([
    ['a', 'a', false],
    ['', '', false],
    [5, '5', true],
    [1.5, '1.5', true],
  ])('%j is read as %j', (value, expected, coerced) => {
    expect(read((fields) => fields.string(value, AT))).toEqual({
      value: expected,
      coerced,
      errors: undefined,
    })
  })

  test.each<[JsonValue | undefined, unknown]>([
    [undefined, MISSING],
    [null, NULL],
    [['a'], NOT_STR],
    [{}, NOT_STR],
  ])('%j is refused', (value, errors) => {
    expect(read((fields) => fields.string(value, AT)).errors).toEqual(errors)
  })
})

describe('a float from 0 to 1', () => {
  const float = (value: JsonValue | undefined): unknown =>
    read((fields) => fields.float(value, AT, { min: 0, max: 1 }))

  test.each<[JsonValue | undefined, number | undefined, boolean]>([
    [undefined, undefined, false],
    [0, 0, false],
    [1, 1, false],
    [0.5, 0.5, false],
    ['0.5', 0.5, true],
    [' 1 ', 1, true],
    ['1e-1', 0.1, true],
    [true, 1, true],
  ])('%j is read as %s', (value, expected, coerced) => {
    expect(float(value)).toEqual({ value: expected, coerced, errors: undefined })
  })

  test.each<[JsonValue, unknown]>([
    [null, NULL],
    ['hot', NOT_FLOAT],
    ['', NOT_FLOAT],
    [[0.5], NOT_FLOAT],
    [{}, NOT_FLOAT],
    [1.5, mistake('ensure this value is less than or equal to 1', 'value_error.number.not_le', 1)],
    [-0.1, mistake('ensure this value is greater than or equal to 0', 'value_error.number.not_ge', 0)],
    ['2', mistake('ensure this value is less than or equal to 1', 'value_error.number.not_le', 1)],
  ])('%j is refused', (value, errors) => {
    expect(float(value)).toMatchObject({ errors })
  })

  test.each<[JsonValue]>([['  '], ['0x1'], ['0b1'], ['0o1']])(
    '%j is refused: JavaScript reads a number there, Python does not',
    (value) => {
      expect(float(value)).toMatchObject({ errors: NOT_FLOAT })
    },
  )
})

describe('an integer from 1 to 5', () => {
  const integer = (value: JsonValue | undefined, optional = false): unknown =>
    read((fields) => fields.integer(value, AT, { min: 1, max: 5, optional }))

  test.each<[JsonValue | undefined, number | undefined, boolean]>([
    [undefined, undefined, false],
    [1, 1, false],
    [5, 5, false],
    [1.7, 1, true],
    [5.9, 5, true],
    ['3', 3, true],
    [true, 1, true],
  ])('%j is read as %s', (value, expected, coerced) => {
    expect(integer(value)).toEqual({ value: expected, coerced, errors: undefined })
  })

  test('null counts as absent only where the field is optional', () => {
    expect(integer(null, true)).toEqual({ value: undefined, coerced: false, errors: undefined })
    expect(integer(null)).toMatchObject({ errors: NULL })
  })

  test.each<[JsonValue, unknown]>([
    ['many', NOT_INT],
    ['1.5', NOT_INT],
    ['', NOT_INT],
    [[1], NOT_INT],
    [{}, NOT_INT],
    [0, mistake('ensure this value is greater than or equal to 1', 'value_error.number.not_ge', 1)],
    [0.9, mistake('ensure this value is greater than or equal to 1', 'value_error.number.not_ge', 1)],
    [6, mistake('ensure this value is less than or equal to 5', 'value_error.number.not_le', 5)],
  ])('%j is refused', (value, errors) => {
    expect(integer(value)).toMatchObject({ errors })
  })

  test('a number beyond all bounds is refused even where there is no upper one', () => {
    const { errors } = read((fields) => fields.integer(JSON.parse('1e999'), AT, { min: 1 }))
    expect(errors).toBeDefined()
  })
})

describe('a boolean', () => {
  test.each<[JsonValue | undefined, boolean, boolean]>([
    [undefined, false, false],
    [null, false, false],
    [true, true, false],
    [false, false, false],
    ['true', true, true],
    ['Yes', true, true],
    ['on', true, true],
    [1, true, true],
    ['OFF', false, true],
    [0, false, true],
    ['n', false, true],
  ])('%j is read as %s', (value, expected, coerced) => {
    expect(read((fields) => fields.boolean(value, AT))).toEqual({
      value: expected,
      coerced,
      errors: undefined,
    })
  })

  test.each<[JsonValue]>([['maybe'], [2], [''], [[]], [{}]])('%j is refused', (value) => {
    const errors = mistake('value could not be parsed to a boolean', 'type_error.bool')
    expect(read((fields) => fields.boolean(value, AT)).errors).toEqual(errors)
  })
})

describe('a list', () => {
  test('is read as it is', () => {
    const items = [1, 'a', null]
    expect(read((fields) => fields.list(items, AT, { min: 1 })).value).toBe(items)
  })

  test.each<[JsonValue | undefined, unknown]>([
    [undefined, MISSING],
    [null, NULL],
    ['hi', NOT_LIST],
    [{}, NOT_LIST],
    [[], mistake('ensure this value has at least 1 items', 'value_error.list.min_items', 1)],
  ])('%j is refused', (value, errors) => {
    expect(read((fields) => fields.list(value, AT, { min: 1 })).errors).toEqual(errors)
  })

  test('of strings is optional, and its items are read as strings', () => {
    const strings = (value: JsonValue | undefined): unknown =>
      read((fields) => fields.strings(value, AT, { min: 1 }))
    expect(strings(undefined)).toEqual({ value: undefined, coerced: false, errors: undefined })
    expect(strings(null)).toEqual({ value: undefined, coerced: false, errors: undefined })
    expect(strings(['a', 5])).toEqual({ value: ['a', '5'], coerced: true, errors: undefined })
    expect(strings('END')).toMatchObject({ errors: NOT_LIST })
    expect(strings(['a', null])).toMatchObject({
      errors: [{ loc: [...AT, 1], msg: 'none is not an allowed value', type: 'type_error.none.not_allowed' }],
    })
  })
})

test('an object is a mapping and nothing else', () => {
  expect(read((fields) => fields.object({ a: 1 }, AT))).toMatchObject({ value: { a: 1 }, errors: undefined })
  for (const value of [undefined, null, [], 'a', 5]) {
    const { errors } = read((fields) => fields.object(value, AT))
    expect(errors).toEqual(mistake('value is not a valid dict', 'type_error.dict'))
  }
})

describe('a text or a list of texts', () => {
  test.each<[JsonValue, string | string[]]>([
    ['a', 'a'],
    [5, '5'],
    [[], []],
    [
      ['a', 5],
      ['a', '5'],
    ],
  ])('%j is read as %j', (value, expected) => {
    expect(read((fields) => fields.text(value, AT))).toMatchObject({ value: expected, errors: undefined })
  })

  test('that is neither is refused for both', () => {
    expect(read((fields) => fields.text({ a: 1 }, AT)).errors).toEqual([
      { loc: AT, msg: 'str type expected', type: 'type_error.str' },
      { loc: AT, msg: 'value is not a valid list', type: 'type_error.list' },
    ])
    expect(read((fields) => fields.text(undefined, AT)).errors).toEqual(MISSING)
    expect(read((fields) => fields.text(null, AT)).errors).toEqual(NULL)
  })
})

test('every mistake is told in one refusal', () => {
  const fields = new Fields()
  fields.string(undefined, ['body', 'a'])
  fields.float('hot', ['body', 'b'], {})
  expect(() => fields.check()).toThrow(
    expect.objectContaining({
      kind: 'bad_request',
      status: 422,
      message: 'body.a: field required; body.b: value is not a valid float',
      detail: [
        { loc: ['body', 'a'], msg: 'field required', type: 'value_error.missing' },
        { loc: ['body', 'b'], msg: 'value is not a valid float', type: 'type_error.float' },
      ],
    }),
  )
})

test('a body as a whole may be at fault', () => {
  expect(missingBody().detail).toEqual([
    { loc: ['body'], msg: 'field required', type: 'value_error.missing' },
  ])
  expect(notAMapping().detail).toEqual([
    { loc: ['body'], msg: 'value is not a valid dict', type: 'type_error.dict' },
  ])
  expect(invalidRequest([])).toMatchObject({ status: 422, detail: [] })
})
