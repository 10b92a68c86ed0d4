import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Frame } from '../core/dialect.ts'
import { AwsEventSplitter, awsEventStream } from './aws-event-stream.ts'

type Header = [name: string, type: number, value: Buffer]

const text = (name: string, value: string): Header => [name, 7, Buffer.from(value)]

function message(headers: readonly Header[], payload: string | Buffer = ''): Buffer {
  const block = Buffer.concat(
    headers.map(([name, type, value]) => {
      const size = type === 6 || type === 7 ? [value.length >> 8, value.length & 255] : []
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([type, ...size]),
        value,
      ])
    }),
  )
  const body = Buffer.from(payload)
  const bytes = Buffer.alloc(16 + block.length + body.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(block.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  block.copy(bytes, 12)
  body.copy(bytes, 12 + block.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

function event(name: string, payload: string): Buffer {
  return message([text(':event-type', name), text(':message-type', 'event')], payload)
}

function read(chunks: readonly Buffer[]): Frame[] {
  const splitter = awsEventStream.splitter()
  return chunks.flatMap((chunk) => {
    const complete = splitter.push(chunk)
    return complete ? awsEventStream.parse(complete) : []
  })
}

const STREAM = Buffer.concat([
  event('start', '{"a":1}'),
  event('delta', '{"text":"grün 👋"}'),
  event('stop', ''),
])
const FRAMES: Frame[] = [
  { event: 'start', data: '{"a":1}' },
  { event: 'delta', data: '{"text":"grün 👋"}' },
  { event: 'stop', data: '' },
]

test('its content type is known, parameters or not', () => {
  expect(awsEventStream.matches('application/vnd.amazon.eventstream')).toBe(true)
  expect(awsEventStream.matches('application/vnd.amazon.eventstream; charset=utf-8')).toBe(true)
  expect(awsEventStream.matches('text/event-stream')).toBe(false)
})

describe('a stream', () => {
  test('is cut into its messages', () => {
    expect(read([STREAM])).toEqual(FRAMES)
  })

  test('is the same byte by byte', () => {
    expect(read(Array.from(STREAM, (byte) => Buffer.from([byte])))).toEqual(FRAMES)
  })

  test('is the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), STREAM.length]
        const pieces = places.slice(1).map((end, index) => STREAM.subarray(places[index], end))
        expect(read(pieces)).toEqual(FRAMES)
      }),
    )
  })

  test('with any flipped bit is a RangeError, or waits for more', () => {
    fc.assert(
      fc.property(fc.nat(STREAM.length * 8 - 1), (bit) => {
        const broken = Buffer.from(STREAM)
        broken.writeUInt8(broken.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        expect(() => read([broken])).toThrow(RangeError)
      }),
    )
  })

  test('of random bytes never throws anything but a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          read([Buffer.from(bytes)])
          awsEventStream.parse(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})

describe('the splitter', () => {
  test('hands a chunk that ends with a message back without a copy', () => {
    expect(new AwsEventSplitter().push(STREAM)).toBe(STREAM)
  })

  test('keeps what is not complete', () => {
    const splitter = new AwsEventSplitter()
    const half = STREAM.subarray(0, STREAM.length - 3)
    expect(splitter.push(half)?.length).toBeLessThan(half.length)
    expect(splitter.rest().length).toBeGreaterThan(0)
  })

  test('refuses a message that says it is too large before it has come', () => {
    const large = message([], Buffer.alloc(2000))
    expect(() => new AwsEventSplitter(1000).push(large.subarray(0, 12))).toThrow(/larger than/)
  })
})

describe('a message', () => {
  test('of an exception is named after it', () => {
    const headers = [text(':message-type', 'exception'), text(':exception-type', 'throttlingException')]
    expect(read([message(headers, '{"message":"Slow down."}')])).toEqual([
      { event: 'exception:throttlingException', data: '{"message":"Slow down."}' },
    ])
  })

  test('of an error says so in its headers', () => {
    const headers = [
      text(':message-type', 'error'),
      text(':error-code', 'InternalError'),
      text(':error-message', 'It broke.'),
    ]
    expect(read([message(headers)])).toEqual([
      { event: 'exception:InternalError', data: '{"message":"It broke."}' },
    ])
  })

  test('may have headers of every type', () => {
    const others: Header[] = [0, 0, 1, 2, 4, 8, 3, 0, 8, 16].map((size, type) => [
      `h${type}`,
      type,
      Buffer.alloc(size),
    ])
    expect(read([message([...others, text(':event-type', 'x')], 'y')])).toEqual([{ event: 'x', data: 'y' }])
  })

  test.each([
    ['an unknown type', [['a', 10, Buffer.alloc(0)]]],
    ['less than it says', [['a', 5, Buffer.alloc(2)]]],
  ] satisfies [string, Header[]][])('whose header has %s is corrupt', (_what, headers) => {
    expect(() => read([message(headers)])).toThrow(RangeError)
  })

  test('without headers has no name', () => {
    expect(read([message([], 'y')])).toEqual([{ data: 'y' }])
  })

  test('that is incomplete is a RangeError', () => {
    expect(() => awsEventStream.parse(STREAM.subarray(0, 20))).toThrow('the stream ends inside a message')
  })
})
