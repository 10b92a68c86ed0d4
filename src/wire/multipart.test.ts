import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundaryOf, FieldSearch } from './multipart.ts'

function form(boundary: string, parts: readonly [headers: string, value: string][]): Buffer {
  const body = parts.map(([headers, value]) => `--${boundary}\r\n${headers}\r\n\r\n${value}\r\n`).join('')
  return Buffer.from(`${body}--${boundary}--\r\n`)
}

const FILE: [string, string] = [
  'Content-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav',
  'RIFF name="model"\r\n\r\nnot this\r\n--',
]
const MODEL: [string, string] = ['Content-Disposition: form-data; name="model"', 'whisper-1']

/** The value, as the form comes in pieces of these sizes and then the rest of it. */
function read(bytes: Buffer, sizes: readonly number[] = []): string | undefined {
  const search = new FieldSearch('b0', 'model')
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    const place = search.push(bytes.subarray(at, at + size))
    if (place) return search.form.toString('utf8', place.start, place.end)
    at = Math.min(at + size, bytes.length)
  }
  return undefined
}

describe('FieldSearch', () => {
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

  test('finds it whatever the pieces are', () => {
    const bytes = form('b0', [FILE, MODEL, FILE])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 200 }), (sizes) => {
        expect(read(bytes, sizes)).toBe('whisper-1')
      }),
    )
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

test('what came before is not searched again for each chunk', () => {
  const search = new FieldSearch('b0', 'model')
  search.push(form('b0', [FILE]).subarray(0, -8))
  search.push(Buffer.alloc(8 * 1024 * 1024, 'name="model"'))
  const started = performance.now()
  for (let i = 0; i < 5000; i++) search.push(Buffer.from('\r\n--b0\r\n'))
  expect(performance.now() - started).toBeLessThan(1000)
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
