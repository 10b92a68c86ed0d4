import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Frame } from '../core/dialect.ts'
import { ndjson, NdjsonSplitter } from './ndjson.ts'

function framesOf(pieces: readonly Buffer[]): Frame[] {
  const splitter = ndjson.splitter()
  const frames = pieces.flatMap((piece) => {
    const complete = splitter.push(piece)
    return complete ? ndjson.parse(complete) : []
  })
  return [...frames, ...ndjson.parse(Buffer.concat([splitter.rest(), Buffer.from(ndjson.terminator)]))]
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const points = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])]
  const sorted = points.toSorted((one, other) => one - other)
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

describe('lines of JSON', () => {
  test.each(['application/x-ndjson', 'application/x-ndjson; charset=utf-8', 'application/json-stream'])(
    'are told by the content type %s',
    (type) => expect(ndjson.matches(type)).toBe(true),
  )

  test.each(['application/json', 'application/json; charset=utf-8', 'text/event-stream', ''])(
    'are not what comes as %s',
    (type) => expect(ndjson.matches(type)).toBe(false),
  )

  test('end with LF or CRLF, and empty ones say nothing', () => {
    expect(ndjson.parse(Buffer.from('{"a":1}\r\n\n\r\n  \n{"b":2}\n'))).toEqual([
      { data: '{"a":1}' },
      { data: '{"b":2}' },
    ])
  })

  test('are the same wherever the stream is cut, inside of characters too', () => {
    const line = fc.oneof(fc.constant(''), fc.json(), fc.constant('{"text":"Grüße 👋🏽"}'))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n'))),
        fc.array(fc.nat()),
        fc.boolean(),
        (lines, cuts, isClosed) => {
          const text = lines.map((pair) => pair.join('')).join('')
          const bytes = Buffer.from(isClosed ? text : text.trimEnd())
          const data = lines.map(([line]) => line.trim()).filter((line) => line !== '')
          expect(framesOf(cutAt(bytes, cuts))).toEqual(data.map((data) => ({ data })))
        },
      ),
    )
  })

  test('come out as soon as they are complete', () => {
    const splitter = ndjson.splitter()
    expect(splitter.push(Buffer.from('{"a":'))).toBeUndefined()
    expect(String(splitter.push(Buffer.from('1}\n{"b"')))).toBe('{"a":1}\n')
    expect(String(splitter.rest())).toBe('{"b"')
  })

  test('that grow beyond the bound are refused', () => {
    const splitter = new NdjsonSplitter(8)
    splitter.push(Buffer.from('12345678\n'))
    splitter.push(Buffer.from('12345678'))
    expect(() => splitter.push(Buffer.from('9'))).toThrow(RangeError)
  })
})
