import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import { Digest } from './random.ts'
import { valueFor } from './schema-value.ts'
import { hintsOf } from './tools.ts'

const ajv = new Ajv2020({ strict: false, validateFormats: false })

const SCHEMAS: Record<string, JsonObject> = {
  'flat types': {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 3, maxLength: 20 },
      days: { type: 'integer', minimum: 1, maximum: 3 },
      share: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      step: { type: 'integer', minimum: 10, multipleOf: 5 },
      sure: { type: 'boolean' },
      nothing: { type: 'null' },
    },
    required: ['city', 'days', 'share', 'step', 'sure', 'nothing'],
    additionalProperties: false,
  },
  'enums, constants and nullable types': {
    type: 'object',
    properties: {
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      kind: { const: 'forecast' },
      note: { type: ['string', 'null'] },
      either: { anyOf: [{ type: 'null' }, { type: 'integer' }] },
    },
    required: ['unit', 'kind', 'note', 'either'],
  },
  'nested objects and arrays': {
    type: 'object',
    properties: {
      people: {
        type: 'array',
        minItems: 2,
        maxItems: 4,
        items: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            tags: { type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 3, uniqueItems: true },
          },
          required: ['name', 'tags'],
        },
      },
    },
    required: ['people'],
  },
  'lists without repetition': {
    type: 'object',
    properties: {
      numbers: {
        type: 'array',
        items: { type: 'integer', minimum: 1, maximum: 5 },
        minItems: 5,
        uniqueItems: true,
      },
      cities: { type: 'array', items: { type: 'string' }, minItems: 9, uniqueItems: true },
      flags: { type: 'array', items: { type: 'boolean' }, minItems: 2, uniqueItems: true },
    },
    required: ['numbers', 'cities', 'flags'],
  },
  'only upper or lower bounds': {
    type: 'object',
    properties: {
      a: { type: 'integer', maximum: -5 },
      b: { type: 'number', minimum: 1000 },
      c: { type: 'string', maxLength: 2 },
      d: { type: 'array', maxItems: 0, items: {} },
    },
    required: ['a', 'b', 'c', 'd'],
  },
}

test.each(Object.entries(SCHEMAS))('values fit a schema with %s', (_, schema) => {
  for (let seed = 0; seed < 50; seed++) {
    const value = valueFor(schema, toolsFor('Weather in New York for 9 people', seed))
    expect(ajv.validate(schema, value) ? 'fits' : value).toBe('fits')
  }
})

test('names, numbers and choices are taken from the prompt', () => {
  const schema = {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'integer' },
      unit: { enum: ['kelvin', 'celsius'] },
    },
    required: ['city', 'days', 'unit'],
  }
  expect(valueFor(schema, toolsFor('The next 4 days in New York, in celsius', 1))).toEqual({
    city: 'New York',
    days: 4,
    unit: 'celsius',
  })
})

test('references are followed, and a schema that contains itself comes to an end', () => {
  const schema = {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: { label: { const: 'x' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
        required: ['label', 'children'],
      },
    },
  }
  const value = valueFor(schema, toolsFor('anything', 1))
  expect(value).toMatchObject({ label: 'x' })
  expect(JSON.stringify(value)).not.toContain('null')
  expect(valueFor({ $ref: '#' }, toolsFor('anything', 1))).toBeTypeOf('string')
})

test('all parts of an allOf count', () => {
  const schema = {
    allOf: [
      { type: 'object', properties: { a: { const: 1 } }, required: ['a'] },
      { properties: { b: { const: 2 } }, required: ['b'] },
    ],
  }
  expect(valueFor(schema, toolsFor('anything', 1))).toEqual({ a: 1, b: 2 })
})

test.each([
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/],
  ['email', /^\w+@example\.com$/],
  ['uri', /^https:\/\//],
  ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
])('a string of format %s looks like one', (format, pattern) => {
  expect(valueFor({ type: 'string', format }, toolsFor('Meet Ada tomorrow', 3))).toMatch(pattern)
})

function toolsFor(prompt: string, seed: number): Parameters<typeof valueFor>[1] {
  return { hints: hintsOf(prompt), random: new Digest().addValue(seed).random('test') }
}
