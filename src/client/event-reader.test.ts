import { array, assert, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventReader } from './event-reader.ts'

function readAll(pieces: string[]): string[] {
  const reader = new EventReader()
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

describe('an event reader', () => {
  test.each([
    ['line feeds', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['carriage returns with line feeds', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['carriage returns alone', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['no space after the colon', 'data:a\n\n', ['a']],
    ['only the first space is dropped', 'data:  a\n\n', [' a']],
    ['several data lines are one event', 'data: {"x":\ndata: 1}\n\n', ['{"x":\n1}']],
    ['comments', ': ping\n\n:\ndata: a\n: more\n\n', ['a']],
    ['other fields', 'event: message\nid: 7\nretry: 10\ndata: a\n\n', ['a']],
    ['fields that only begin like data', 'database: x\n\ndata: a\n\n', ['a']],
    ['a data field without a colon', 'data\n\n', ['']],
    ['empty lines between events', '\n\n\ndata: a\n\n\n\n', ['a']],
    ['no empty line at the end', 'data: a\n\ndata: b', ['a', 'b']],
    ['nothing', '', []],
  ])('reads %s', (_, text, events) => {
    expect(readAll([text])).toEqual(events)
  })

  test('reads the same events however the text is cut', () => {
    const text =
      ': hi\r\n\r\ndata: {"a":1}\r\n\r\nevent: x\r\ndata: b\r\ndata: c\r\n\r\ndata: d\rdata: é\n\ndata: [DONE]\n\n'
    const whole = readAll([text])
    expect(whole).toEqual(['{"a":1}', 'b\nc', 'd\né', '[DONE]'])
    expect(readAll(text.split(''))).toEqual(whole)
    const cuts = array(nat({ max: text.length }), { maxLength: 12 })
    assert(
      property(cuts, (at) => {
        const edges = [0, ...at.toSorted((a, b) => a - b), text.length]
        expect(readAll(edges.slice(1).map((end, index) => text.slice(edges[index], end)))).toEqual(whole)
      }),
    )
  })

  test('gives an event as soon as its empty line is there', () => {
    const reader = new EventReader()
    expect(reader.push('data: a\n')).toEqual([])
    expect(reader.push('\n')).toEqual(['a'])
    expect(reader.push('data: b\r\n\r')).toEqual(['b'])
    expect(reader.push('\ndata: c')).toEqual([])
  })
})
