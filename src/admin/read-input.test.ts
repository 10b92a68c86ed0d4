import { describe, expect, it } from 'vitest'
import { option } from '../core/options.ts'
import { parseJson, readBody, readQuery } from './read-input.ts'
import { orNull } from './schemas.ts'

describe('a body of JSON', () => {
  it.each([
    ['half of a surrogate pair', '{"a":"\\ud800"}'],
    ['the same as a key', '{"\\udc00":1}'],
    ['a number that is infinite', '[1e999]'],
    ['a key that is a prototype', '{"a":[{"__proto__":{}}]}'],
    ['a hundred thousand lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a mark of byte order', '\uFEFF{}'],
    ['no JSON', '{a:1}'],
  ])('is refused when it has %s', (_name, text) => {
    expect(() => parseJson(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'invalid_json' }))
  })

  it('is refused when it is not UTF-8', () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not valid JSON in UTF-8')
  })

  it('is taken with every other text', () => {
    const text = JSON.stringify({ 'a\0b': ['\u202E', '👩‍👩‍👧', "'; drop table objects;--", '%s', '\r\n'] })
    expect(JSON.stringify(parseJson(Buffer.from(text)))).toBe(text)
  })
})

describe('fields', () => {
  const schema = option.object({ name: option.string(), team: option.optional(orNull(option.string())) })

  it('are there as they were sent, also null', () => {
    const body = readBody(schema, { name: 'a', team: null })
    expect([body.text('name'), body.has('team'), body.text('team')]).toEqual(['a', true, undefined])
    expect(readBody(schema, { name: 'a' }).has('team')).toBe(false)
  })

  it('are refused with all mistakes at once', () => {
    expect(() => readBody(schema, { team: 1, x: 2 })).toThrow(
      /team: must be .*; x: unknown key "x".*; missing key "name"/,
    )
    expect(() => readBody(schema, [])).toThrow('The body must be a JSON object with "name".')
  })

  it('of a query are read by their types', () => {
    const query = option.object({
      limit: option.optional(option.integer({ maximum: 9 })),
      by: option.optional(option.list(option.string())),
      enabled: option.optional(option.boolean()),
      text: option.optional(option.string()),
    })
    const read = readQuery(query, new URLSearchParams('limit=5&by=a&by=b&enabled=true&text=5'))
    expect([read.number('limit'), read.textList('by'), read.flag('enabled'), read.text('text')]).toEqual([
      5,
      ['a', 'b'],
      true,
      '5',
    ])
    for (const wrong of ['limit=10', 'limit=x', 'limit=1&limit=2', 'other=1', 'enabled=yes', '__proto__=1']) {
      expect(() => readQuery(query, new URLSearchParams(wrong))).toThrow(
        expect.objectContaining({ code: 'bad_request' }),
      )
    }
  })
})
