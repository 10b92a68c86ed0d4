import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Frame } from '../core/dialect.ts'
import { SseSplitter, parseFrames, splitFrames } from './sse.ts'

/** Pushes the pieces and gives the runs of complete events that came out, then what was left. */
function split(pieces: readonly Buffer[]): { runs: Buffer[]; rest: Buffer } {
  const splitter = new SseSplitter()
  const runs: Buffer[] = []
  for (const piece of pieces) {
    const run = splitter.push(piece)
    if (run) runs.push(run)
  }
  return { runs, rest: splitter.rest() }
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  let start = 0
  return ends.map((end) => {
    const piece = bytes.subarray(start, end)
    start = end
    return piece
  })
}

function byteByByte(text: string): Buffer[] {
  return Array.from(Buffer.from(text), (byte) => Buffer.from([byte]))
}

function frames(run: Buffer): Frame[] {
  return parseFrames(run.toString('utf8'))
}

const newline = fc.constantFrom('\n', '\r\n', '\r')
const line = fc.tuple(
  fc.constantFrom('data: ', 'data:', 'data', 'event: ', ': ', 'id: ', ''),
  fc.constantFrom('', 'a', 'é€😀', '{"a":1}', '[DONE]', ' two  blanks '),
)
const stream = fc
  .array(fc.tuple(line, newline), { maxLength: 30 })
  .map((lines) => lines.map(([[field, value], end]) => field + value + end).join(''))
const places = fc.array(fc.nat(400), { maxLength: 40 })

describe('SseSplitter', () => {
  test('loses, adds and reorders no byte, however the stream is cut', () => {
    fc.assert(
      fc.property(stream, places, (text, at) => {
        const { runs, rest } = split(cut(Buffer.from(text), at))
        expect(Buffer.concat([...runs, rest]).toString()).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  test('hands on whole events only: each run reads the same alone as within the stream', () => {
    fc.assert(
      fc.property(stream, places, (text, at) => {
        const { runs, rest } = split(cut(Buffer.from(text), at))
        expect([...runs, rest].flatMap(frames)).toEqual(parseFrames(text))
      }),
      { numRuns: 500 },
    )
  })

  test('the same holds byte by byte', () => {
    fc.assert(
      fc.property(stream, (text) => {
        const { runs, rest } = split(byteByByte(text))
        expect(Buffer.concat([...runs, rest]).toString()).toBe(text)
        expect([...runs, rest].flatMap(frames)).toEqual(parseFrames(text))
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('gives each event as soon as its last byte has come, with %s', (_name, end) => {
    const event = `event: x${end}data: 1${end}${end}`
    const { runs, rest } = split(byteByByte(event.repeat(3)))
    expect(runs.map(String)).toEqual([event, event, event])
    expect(rest).toHaveLength(0)
  })

  test('with CR alone gives each event at the latest with the byte after it', () => {
    const { runs, rest } = split(byteByByte('data: 1\r\rdata: 2\r\rdata: 3\r\r'))
    expect(runs.flatMap(frames)).toEqual([{ data: '1' }, { data: '2' }])
    expect(frames(rest)).toEqual([{ data: '3' }])
  })

  test('hands back a chunk of whole events without copying it', () => {
    const chunk = Buffer.from('data: 1\n\ndata: 2\n\n')
    const run = new SseSplitter().push(chunk)
    expect(run?.buffer).toBe(chunk.buffer)
    expect(run?.byteOffset).toBe(chunk.byteOffset)
    expect(run).toHaveLength(chunk.length)
  })

  test('keeps the beginning of an event for later', () => {
    const { runs, rest } = split([Buffer.from('data: 1\n\ndata: 2'), Buffer.from('2\n')])
    expect(runs.map(String)).toEqual(['data: 1\n\n'])
    expect(String(rest)).toBe('data: 22\n')
  })

  test('cuts off an event that grows beyond 1 MiB', () => {
    const splitter = new SseSplitter()
    const mebibyte = Buffer.alloc(1024 * 1024, 'a')
    splitter.push(mebibyte)
    expect(() => splitter.push(mebibyte)).toThrow(
      new RangeError('an event of the stream is larger than 1 MiB'),
    )
  })

  test('counts only the event that is not complete towards the limit', () => {
    const splitter = new SseSplitter()
    const event = Buffer.from(`data: ${'a'.repeat(1024 * 1024)}\n\nd`)
    for (let i = 0; i < 20; i++) splitter.push(event)
    expect(String(splitter.rest())).toBe('d')
  })
})

describe('parseFrames', () => {
  test.each<[string, string, Frame[]]>([
    ['an event', 'data: 1\n\n', [{ data: '1' }]],
    ['a name', 'event: ping\ndata: 1\n\n', [{ event: 'ping', data: '1' }]],
    ['a name after the data', 'data: 1\nevent: ping\n\n', [{ event: 'ping', data: '1' }]],
    [
      'a name that counts for its own event only',
      'event: a\ndata: 1\n\ndata: 2\n\n',
      [{ event: 'a', data: '1' }, { data: '2' }],
    ],
    ['several data lines', 'data: 1\ndata:\ndata: 3\n\n', [{ data: '1\n\n3' }]],
    ['no blank after the colon', 'data:1\n\n', [{ data: '1' }]],
    ['a second blank, which belongs to the data', 'data:  1\n\n', [{ data: ' 1' }]],
    ['colons in the data', 'data: a:b: c\n\n', [{ data: 'a:b: c' }]],
    ['a field without a colon', 'data\n\n', [{ data: '' }]],
    ['comments', ': keep-alive\n\n:\n\ndata: 1\n: in between\ndata: 2\n\n', [{ data: '1\n2' }]],
    ['fields of no use here', 'id: 7\nretry: 100\nother: x\ndata: 1\n\n', [{ data: '1' }]],
    ['fields that only begin alike', 'database: x\ndata : y\n data: z\n\n', []],
    ['an event without data', 'event: ping\n\n', []],
    ['blank lines in a row', '\n\n\ndata: 1\n\n\n\n', [{ data: '1' }]],
    ['a byte order mark', '\uFEFFdata: 1\n\n', [{ data: '1' }]],
    ['CRLF', 'event: a\r\ndata: 1\r\n\r\n', [{ event: 'a', data: '1' }]],
    ['CR', 'event: a\rdata: 1\r\r', [{ event: 'a', data: '1' }]],
    ['mixed line ends', 'data: 1\r\ndata: 2\rdata: 3\n\r\n', [{ data: '1\n2\n3' }]],
    ['text beyond ASCII', 'data: é€😀\n\n', [{ data: 'é€😀' }]],
    ['no event that lacks its blank line', 'data: 1\n\ndata: 2', [{ data: '1' }]],
    ['nothing', '', []],
  ])('reads %s', (_what, text, expected) => {
    expect(parseFrames(text)).toEqual(expected)
  })
})

describe('splitFrames', () => {
  test('gives the events one by one, with their blank lines', () => {
    const events = ['data: 1\n\n', 'data: 2\r\n\r\n', 'event: x\ndata: 3\r\r', 'data: 4\n\n']
    expect(splitFrames(Buffer.from(events.join(''))).filter((text) => text !== '')).toEqual(events)
  })

  test.each(['\n\r\n', '\r\r\n', '\n\r', '\r\n\r'])('ends an event at the mixed blank line %j', (end) => {
    const events = [`data: 1${end}`, 'data: 2\n\n']
    expect(splitFrames(Buffer.from(events.join(''))).filter((text) => text !== '')).toEqual(events)
  })
})
