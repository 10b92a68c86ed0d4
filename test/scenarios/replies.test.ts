import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { disorderOf } from './event-order.ts'
import { SCENARIOS } from './index.ts'
import { REPLY_CASES, type ReplyCase } from './reply-cases.ts'
import {
  carriedTo,
  comparable,
  normal,
  readerOf,
  readPieces,
  readWhole,
  replyCasesOf,
  streamOf,
  streamsOf,
  throughWriter,
  twinOf,
  writerOf,
} from './run-replies.ts'

const clients = SCENARIOS.filter(({ client, provider }) => client && provider)
const providers = SCENARIOS.filter(({ provider }) => provider)

describe.each(providers)('$name as a provider', (dialect) => {
  test('has a fixture or a reason for each case', () => {
    const { replies, unsupported } = dialect
    expect(REPLY_CASES.filter((name) => !replies[name] && !unsupported[name])).toEqual([])
  })

  test.each(replyCasesOf(dialect))('%s is read', (name) => {
    const events = readWhole(dialect, name)
    expect(disorderOf(events)).toEqual([])
    expect(normal(events)).toEqual(twinOf(dialect, name))
  })

  test.each(streamsOf(dialect))('%s is read as a stream', (name) => {
    const events = readPieces(dialect, [streamOf(dialect, name)])
    expect(disorderOf(events)).toEqual([])
    expect(normal(events)).toEqual(twinOf(dialect, name))
  })

  test.each(streamsOf(dialect))('%s is the same byte by byte and cut anywhere', (name) => {
    const stream = streamOf(dialect, name)
    const uncut = readPieces(dialect, [stream])
    const bytes = Array.from({ length: stream.length }, (_, at) => stream.subarray(at, at + 1))
    expect(readPieces(dialect, bytes)).toEqual(uncut)
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        expect(readPieces(dialect, cutAt(stream, cuts))).toEqual(uncut)
      }),
      { numRuns: 20 },
    )
  })
})

const pairs = clients.flatMap((client) => providers.map((provider) => ({ client, provider })))

describe.each(pairs)('$provider.name -> $client.name', ({ client, provider }) => {
  test.each(replyCasesOf(provider))('%s', (name) => {
    const expected = carriedTo(client, twinOf(provider, name))
    const answer = writerOf(client, false).whole(readWhole(provider, name))
    expect(comparable(readerOf(client).whole(answer), expected)).toEqual(expected)
  })

  test.each(streamsOf(provider))('%s as a stream', (name) => {
    const expected = carriedTo(client, twinOf(provider, name))
    expect(comparable(throughWriter(client, provider, name), expected)).toEqual(expected)
  })

  const withState = replyCasesOf(provider).filter((name) => client.client?.nextTurn && STATEFUL.has(name))
  test.each(withState)("the state of %s survives the client's next turn", (name) => {
    const answer: JsonObject = JSON.parse(writerOf(client, false).whole(readWhole(provider, name)))
    const next = client.client?.nextTurn?.(answer) ?? {}
    const messages = client.client?.chat(next, false).chat().messages ?? []
    const parts = messages.filter(({ role }) => role === 'assistant').flatMap((message) => message.parts)
    const state = parts.flatMap((part) => ('state' in part && part.state ? [part.state] : []))
    const twin = carriedTo(client, twinOf(provider, name))
    expect(state).toEqual(twin.candidates[0]?.parts.flatMap((part) => part.state ?? []))
  })
})

const STATEFUL: ReadonlySet<ReplyCase> = new Set<ReplyCase>([
  'thinking',
  'thinking-then-tool',
  'redacted-thinking',
  'signed-call',
  'signed-text',
])

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}
