import { describe, expect, it } from 'vitest'
import { judge, type RawAnswer, type Verdict } from './judge.ts'
import { piecesOf } from './marker.ts'
import { MANNERS } from './shots.ts'
import { BODIES, type WireDialect } from './wire-bodies.ts'

const SSE = 'text/event-stream'
const JSON_TYPE = 'application/json; charset=utf-8'
const PIECES = piecesOf('T1R1', 3)

function read(fields: Partial<RawAnswer>): Verdict {
  return judge({
    dialect: 'openai',
    wantsStream: false,
    status: 200,
    contentType: JSON_TYPE,
    body: '',
    ...fields,
  })
}

function readStream(dialect: WireDialect, body: string): Verdict {
  return read({ dialect, wantsStream: true, contentType: SSE, body })
}

function streamOf(dialect: WireDialect, pieces: readonly string[] = PIECES): string {
  const { start, piece, end } = BODIES[dialect]
  return start('m') + pieces.map((text) => piece(text, 'm')).join('') + end('m')
}

describe.each(MANNERS.filter(({ stream }) => !stream))('a whole answer of $dialect', ({ dialect }) => {
  const { whole, error } = BODIES[dialect]

  it('is told from an error', () => {
    expect(read({ dialect, body: whole(PIECES.join(''), 'm') }).kind).toBe('answer')
    expect(read({ dialect, status: 500, body: error(500, 'no') })).toMatchObject({
      kind: 'error',
      message: 'no',
    })
  })

  it.each([
    ['an error with status 200', { body: error(500, 'no') }],
    ['an answer with status 500', { status: 500, body: whole('x', 'm') }],
    ['another content type', { contentType: 'text/html', body: whole(PIECES.join(''), 'm') }],
    ['half of its JSON', { body: whole(PIECES.join(''), 'm').slice(0, 60) }],
    ['a missing piece', { body: whole(PIECES.slice(1).join(''), 'm') }],
    ['a missing last piece', { body: whole(PIECES.slice(0, 2).join(''), 'm') }],
    ['a piece twice', { body: whole([...PIECES, PIECES[2]].join(''), 'm') }],
    ['no piece at all', { body: whole('hello', 'm') }],
    ['a cut letter', { body: whole(`${PIECES.join('')}\ufffd`, 'm') }],
    ['an error of another dialect', { status: 500, body: '{"detail":"no"}' }],
    ['a stream that was not asked for', { contentType: SSE, body: streamOf(dialect) }],
  ])('is malformed with %s', (_what, fields) => {
    expect(read({ dialect, ...fields }).kind).toBe('malformed')
  })
})

describe.each(MANNERS.filter(({ stream }) => stream))('a stream of $dialect', ({ dialect }) => {
  const { start, piece, end, errorEvent } = BODIES[dialect]
  const begun = start('m') + piece(PIECES[0] ?? '', 'm')

  it('is told from one that ends in an error', () => {
    expect(readStream(dialect, streamOf(dialect)).kind).toBe('answer')
    expect(readStream(dialect, begun + errorEvent('no'))).toMatchObject({ kind: 'broken', message: 'no' })
  })

  it.each([
    ['nothing', ''],
    ['no end', begun],
    ['an end before its last piece', begun + end('m')],
    ['half an event', begun + piece(PIECES[1] ?? '', 'm').slice(0, 40)],
    ['half an event before the error', `${begun}data: {"x\n\n${errorEvent('no')}`],
    ['an error after its end', streamOf(dialect) + errorEvent('no')],
    ['an end after its error', begun + errorEvent('no') + end('m')],
    ['a gap before the error', start('m') + piece(PIECES[1] ?? '', 'm') + errorEvent('no')],
    ['the pieces in another order', streamOf(dialect, PIECES.toReversed())],
  ])('is malformed with %s', (_what, body) => {
    expect(readStream(dialect, body).kind).toBe('malformed')
  })
})

it('a message begins once', () => {
  const { start, piece, end, errorEvent } = BODIES.anthropic
  const twice = start('m') + start('m') + PIECES.map((text) => piece(text, 'm')).join('')
  expect(readStream('anthropic', twice + end('m')).kind).toBe('malformed')
  expect(readStream('anthropic', twice + errorEvent('no')).message).toBe('2 times message_start')
})
