import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Behaviour } from '../rig/behaviour.ts'
import type { LedgerEntry } from '../rig/ledger.ts'
import { piecesOf } from '../rig/marker.ts'
import type { Outcome } from '../rig/outcome.ts'
import { cutsAfter, ERROR_WITH_STATUS_200, failsAfter, stallsAfter } from '../rig/provider-faults.ts'
import { IS_WHOLE } from '../rig/report.ts'
import { FaultStage, IMPATIENT, type RouteSpec } from '../rig/stage.ts'
import { BODIES, type WireDialect } from '../rig/wire-bodies.ts'

const WIRES: readonly WireDialect[] = ['openai', 'anthropic', 'gemini']
const ONE = { at: 'one' } as const
const TWO = { at: 'two', speaks: 'anthropic' } as const
const MEBIBYTE = 1024 * 1024

/** A route for each dialect that the provider may speak. */
const OF_EACH = WIRES.map((speaks) => `from-${speaks}`)
const IMPATIENT_ROUTES = WIRES.map((speaks) => `soon-${speaks}`)

const ROUTES: readonly RouteSpec[] = [
  ...WIRES.map((speaks) => ({ name: `from-${speaks}`, targets: [{ at: 'one', speaks } as const] })),
  ...WIRES.map((speaks) => ({
    name: `soon-${speaks}`,
    targets: [{ at: 'one', speaks } as const],
    more: { timeout: IMPATIENT },
  })),
  { name: 'pair', targets: [ONE, TWO] },
  { name: 'other', targets: [TWO] },
  { name: 'with-fallback', targets: [ONE], more: { retries: { max: 0 }, fallbacks: [{ route: 'other' }] } },
]

let stage: FaultStage

beforeAll(async () => {
  stage = await FaultStage.start(ROUTES)
})

afterAll(() => stage?.close())

beforeEach(() => stage.mend())

/** All routes of provider one do this with streams, and this with whole answers. */
function plays(stream: Behaviour, whole: Behaviour = {}): void {
  for (const { name } of ROUTES) {
    stage.one.provider.plays(name, ({ isStream }) => (isStream ? stream : whole))
  }
}

function endsOf(outcomes: readonly Outcome[], stream: boolean): Set<string> {
  const own = outcomes.filter(({ shot }) => shot.stream === stream)
  return new Set(own.map(({ status, verdict }) => `${status} ${verdict.kind}`))
}

function expectCode(outcomes: readonly Outcome[], code: string): void {
  const openai = outcomes.filter(({ shot }) => shot.stream && shot.dialect === 'openai')
  expect(openai.length).toBeGreaterThan(0)
  for (const { body } of openai) expect(body.toString()).toContain(`"code":"${code}"`)
}

it('F5: a stream that stalls ends in an error event, and its connection is free', async () => {
  plays(stallsAfter(2))
  const { outcomes, attempts, facts } = await stage.play({
    row: 5,
    fault: 'a stream stalls after 2 pieces',
    expected: 'an error event after the idle timeout, no retry; the connection is freed',
    routes: IMPATIENT_ROUTES,
    streamShare: 1,
  })
  expect(endsOf(outcomes, true)).toEqual(new Set(['200 broken']))
  expect(attempts).toBe(outcomes.length)
  expectCode(outcomes, 'timeout')
  // What Anthropic's streams tell at their beginning is in the log.
  const lines = facts.stdout.split('\n').filter((line) => line.includes('"route":"soon-anthropic"'))
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(line).toContain('"input_tokens":')
})

it.each(['end', 'fin'] as const)(
  'F6: a stream that closes (%s) without its end is an error, never a success',
  async (how) => {
    plays(cutsAfter(2, how), cutsAfter(0, how))
    const { outcomes } = await stage.play({
      row: 6,
      fault: how === 'end' ? 'an answer ends in order, in its middle' : 'FIN in the middle of an answer',
      expected: 'an error event stream_incomplete; whole answers: 502',
      routes: OF_EACH,
    })
    expect(endsOf(outcomes, true)).toEqual(new Set(['200 broken']))
    expect(endsOf(outcomes, false)).toEqual(new Set(['502 error']))
    expectCode(outcomes, 'stream_incomplete')
  },
)

it.each(['event', 'chunk', 'character'] as const)(
  'F7: so is one that is reset inside its %s, and no half letter comes out',
  async (within) => {
    plays(cutsAfter(2, 'rst', within), cutsAfter(0, 'rst', within))
    const { outcomes } = await stage.play({
      row: 7,
      fault: `RST within ${within === 'event' ? 'an event' : `a ${within}`}`,
      expected: 'an error event, nothing garbled; whole answers: 502',
      routes: OF_EACH,
    })
    expect(endsOf(outcomes, true)).toEqual(new Set(['200 broken']))
    expect(endsOf(outcomes, false)).toEqual(new Set(['502 error']))
  },
)

it('F15: an error with status 200, or as the first event, is an error', async () => {
  plays(failsAfter(0), ERROR_WITH_STATUS_200)
  const { outcomes } = await stage.play({
    row: 15,
    fault: 'status 200, and an error as the body or the first event',
    expected: 'an error with its own status, whole; retries within the budget',
    routes: OF_EACH,
  })
  for (const { status, verdict, shot } of outcomes) {
    expect([shot.route, verdict.kind, status >= 500]).toEqual([shot.route, 'error', true])
  }
})

it('F15: so it is when a stream was asked for and the error comes whole', async () => {
  plays(ERROR_WITH_STATUS_200)
  const { outcomes } = await stage.play({
    row: 15,
    fault: 'status 200, and an error as a whole body instead of a stream',
    expected: 'an error with its own status, whole',
    routes: OF_EACH,
    streamShare: 1,
  })
  for (const { status, verdict, shot } of outcomes) {
    expect([shot.route, verdict.kind, status >= 500]).toEqual([shot.route, 'error', true])
  }
})

it('F15: before the first content another target or a fallback takes over', async () => {
  plays(failsAfter(0), ERROR_WITH_STATUS_200)
  const { outcomes, ends, attempts } = await stage.play({
    row: 15,
    fault: 'status 200 and an error before the first content; there is another target, or a fallback',
    expected: 'answered, 2 attempts',
    routes: ['pair', 'with-fallback'],
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
  expect(attempts).toBe(2 * outcomes.length)
})

it('F16: an error after the first content is handed on, and nobody else is asked', async () => {
  plays(failsAfter(2))
  const { outcomes, ends, attempts, ledger } = await stage.play({
    row: 16,
    fault: 'an error event after 2 pieces; there may be another target, or a fallback',
    expected: 'the pieces and the error, 1 attempt, 1 message_start',
    routes: [...OF_EACH, 'pair', 'with-fallback'],
    streamShare: 1,
  })
  expect(ends).toEqual({ '200 broken': outcomes.length })
  expect(attempts).toBe(outcomes.length)
  expect(ledger.filter(({ provider }) => provider === 'two')).toEqual([])
  for (const { verdict } of outcomes) expect(verdict.text).toContain(':1/5]')
})

/** Other words than a proper provider's for the whole answer of a stream. */
function writes(make: (entry: LedgerEntry) => Iterable<string | Buffer>): void {
  for (const { name } of ROUTES) {
    stage.one.provider.plays(name, (entry) => (entry.isStream ? { writes: () => make(entry) } : {}))
  }
}

/** What a proper provider writes. */
function properEvents({ dialect, model, markers }: LedgerEntry, more = ''): string[] {
  const bodies = BODIES[dialect]
  const pieces = piecesOf(markers[0] ?? 'T0R0', 5).map((text) => bodies.piece(text + more, model))
  return [bodies.start(model), ...pieces, bodies.end(model)]
}

it('F19: a line without an end is cut off at 1 MiB', async () => {
  const flood = Buffer.alloc(MEBIBYTE, 'x')
  writes(function* (entry) {
    const [start = '', piece = ''] = properEvents(entry)
    if (entry.number % 2 === 0) yield start + piece
    yield 'data: {"'
    for (let count = 0; count < 50; count++) yield flood
  })
  const { outcomes } = await stage.play({
    row: 19,
    fault: 'a line of 50 MB in a stream, as the first or after a piece',
    expected: '502, or an error event after the piece; cut off at 1 MiB',
    routes: OF_EACH,
    requests: IS_WHOLE ? 24 : 8,
    ratePerSecond: 10,
    streamShare: 1,
    note: ({ ledger }) =>
      `most bytes sent: ${mebibytes(Math.max(...ledger.map((entry) => entry.bytesSent)))}`,
    maxResidentMiB: 500,
  })
  for (const { status, verdict } of outcomes) {
    expect(['502 error', '200 broken']).toContain(`${status} ${verdict.kind}`)
  }
})

describe('F20: the same answer comes out', () => {
  it('of one byte per packet', async () => {
    plays({})
    await stage.one.proxy.set({ sliceBytes: 1 })
    const { outcomes, ends } = await stage.play({
      row: 20,
      fault: 'one byte per packet',
      expected: 'answered as without',
      routes: OF_EACH,
      requests: IS_WHOLE ? 100 : 12,
    })
    expect(ends).toEqual({ '200 answer': outcomes.length })
  })

  it.each<[string, (text: string) => string]>([
    ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['CR', (text) => text.replaceAll('\n', '\r')],
    [
      'a mix of line ends',
      (text) => text.replaceAll(/\n\n/g, (_ends, at: number) => ['\r\n\n', '\n\r\n', '\r\r'][at % 3] ?? ''),
    ],
    [
      'comments and other fields',
      (text) => `: hello\n\nid: 1\nretry: 10\n${text.replaceAll('data:', ':x\ndata:')}`,
    ],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['data in several lines', (text) => text.replaceAll('data: {', 'data: {\ndata:')],
  ])('of %s', async (what, change) => {
    writes((entry) => [change(properEvents(entry).join(''))])
    const { outcomes, ends } = await stage.play({
      row: 20,
      fault: what,
      expected: 'answered as without',
      routes: OF_EACH,
      requests: IS_WHOLE ? 100 : 18,
      streamShare: 1,
    })
    expect(ends).toEqual({ '200 answer': outcomes.length })
  })
})

it('F21: a stream in tiny pieces does not hold up the others', async () => {
  const total = IS_WHOLE ? 100_000 : 20_000
  const tiny = function* (entry: LedgerEntry): Iterable<string> {
    const { dialect, model } = entry
    const [start = '', ...others] = properEvents(entry)
    yield start
    const batch = BODIES[dialect].piece('.', model).repeat(100)
    for (let sent = 0; sent < total; sent += 100) yield batch
    yield others.join('')
  }
  const quiet = await stage.play({
    row: 21,
    fault: 'none: for comparison',
    expected: 'answered',
    routes: ['from-openai'],
    requests: 1,
  })
  writes(tiny)
  const { ends, bystanders } = await stage.play({
    row: 21,
    fault: `${total} tiny events on one stream, as fast as they go`,
    expected: 'answered; the bystanders are not held up (asserted up to 10 x, or a second)',
    routes: ['from-openai'],
    requests: 1,
    streamShare: 1,
    note: (score) =>
      `p99 of the bystanders: ${Math.round(slowest(score.bystanders))} ms, ${Math.round(slowest(quiet.bystanders))} ms without`,
  })
  expect(ends).toEqual({ '200 answer': 1 })
  expect(slowest(bystanders)).toBeLessThan(Math.max(10 * slowest(quiet.bystanders), 1000))
})

/** The time to the first byte that 99 of 100 bystanders had it in. */
function slowest(bystanders: readonly Outcome[]): number {
  const times = bystanders.map(({ firstByteMs }) => firstByteMs).toSorted((one, other) => one - other)
  return times[Math.ceil(times.length * 0.99) - 1] ?? 0
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`
}

it('F30: what looks like the end of a stream inside a text stays in the text', async () => {
  const trap = '\n\ndata: [DONE]\n\nevent: message_stop\ndata: {}\n\n'
  for (const name of OF_EACH) {
    stage.one.provider.plays(name, (entry) => {
      const { dialect, model, markers, isStream } = entry
      const text = piecesOf(markers[0] ?? 'T0R0', 5).join(trap)
      return isStream
        ? { writes: () => properEvents(entry, trap) }
        : { body: BODIES[dialect].whole(text, model) }
    })
  }
  const { outcomes, ends } = await stage.play({
    row: 30,
    fault: 'a text holds "\\n\\ndata: [DONE]"',
    expected: 'answered, with the text as it is',
    routes: OF_EACH,
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
  for (const { verdict } of outcomes) expect(verdict.text).toContain(trap)
})
