import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundaryOf, findField } from './multipart.ts'

function form(boundary: string, parts: readonly [headers: string, value: string][]): Buffer {
  const body = parts.map(([headers, value]) => `--${boundary}\r\n${headers}\r\n\r\n${value}\r\n`).join('')
  return Buffer.from(`${body}--${boundary}--\r\n`)
}

const FILE: [string, string] = [
  'Content-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav',
  'RIFF name="model"\r\n\r\nnot this\r\n--',
]
const MODEL: [string, string] = ['Content-Disposition: form-data; name="model"', 'whisper-1']

function read(bytes: Buffer, name = 'model'): string | undefined {
  const place = findField(bytes, 'b0', name)
  return place && bytes.toString('utf8', place.start, place.end)
}

describe('findField', () => {
  test.each<[string, [string, string][]]>([
    ['first', [MODEL, FILE]],
    ['last', [FILE, MODEL]],
  ])('finds a field that comes %s', (_where, parts) => {
    expect(read(form('b0', parts))).toBe('whisper-1')
  })

  test('finds an empty value, and a name without quotes', () => {
    expect(read(form('b0', [['content-disposition: form-data; name=model', '']]))).toBe('')
  })

  test('finds nothing in a form without the field, or in none', () => {
    expect(read(form('b0', [FILE]))).toBeUndefined()
    expect(read(Buffer.from('{}'))).toBeUndefined()
  })

  test('finds the same value whole in any prefix that holds it, and nothing in a shorter one', () => {
    const bytes = form('b0', [FILE, MODEL])
    const complete = bytes.lastIndexOf('\r\n--b0--') + '\r\n--b0'.length
    fc.assert(
      fc.property(fc.nat(bytes.length), (cut) => {
        expect(read(bytes.subarray(0, cut))).toBe(cut >= complete ? 'whisper-1' : undefined)
      }),
    )
  })
})

test.each([
  ['multipart/form-data; boundary=b0', 'b0'],
  ['Multipart/Form-Data;boundary="a b"; charset=utf-8', 'a b'],
  ['multipart/form-data', undefined],
  ['multipart/form-data; boundary=', undefined],
  ['application/json; boundary=x', undefined],
])('the boundary of %j is %j', (contentType, boundary) => {
  expect(boundaryOf(contentType)).toBe(boundary)
})
