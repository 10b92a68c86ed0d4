import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectReply, type CollectedReply } from '../../src/core/collect.ts'
import type { Framing, ReplyReader, ReplyWriter } from '../../src/core/dialect.ts'
import type { ReplyEvent } from '../../src/core/events.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { disorderOf } from './event-order.ts'
import { SCENARIOS } from './index.ts'
import { normalReply } from './normal.ts'
import { REPLIES, REPLY_CASES, type ReplyCase } from './reply-cases.ts'
import { framesOf, lose, readStream, type DialectScenarios } from './support.ts'

const clients = SCENARIOS.filter(({ client, provider }) => client && provider)
const providers = SCENARIOS.filter(({ provider }) => provider)

describe.each(providers)('$name as a provider', (dialect) => {
  test('has a fixture or a reason for each case', () => {
    const { replies, unsupported } = dialect
    expect(REPLY_CASES.filter((name) => !replies[name] && !unsupported[name])).toEqual([])
  })

  test.each(casesOf(dialect))('%s is read', (name) => {
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
  test.each(casesOf(provider))('%s', (name) => {
    const expected = carriedTo(client, twinOf(provider, name))
    const answer = writerOf(client, false).whole(readWhole(provider, name))
    expect(comparable(readerOf(client).whole(answer), expected)).toEqual(expected)
  })

  test.each(streamsOf(provider))('%s as a stream', (name) => {
    const expected = carriedTo(client, twinOf(provider, name))
    expect(comparable(throughWriter(client, provider, name), expected)).toEqual(expected)
  })

  const withState = casesOf(provider).filter((name) => client.client?.nextTurn && STATEFUL.has(name))
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

function casesOf({ replies }: DialectScenarios): ReplyCase[] {
  return REPLY_CASES.filter((name) => replies[name])
}

function streamsOf({ replies }: DialectScenarios): ReplyCase[] {
  return REPLY_CASES.filter((name) => replies[name]?.stream !== undefined)
}

/** The case's reply without what its dialect cannot say. */
function twinOf(dialect: DialectScenarios, name: ReplyCase): CollectedReply {
  const twin = normal(REPLIES[name](dialect.name))
  return lose(twin, dialect.replyLosses, 'provider').value
}

function carriedTo(client: DialectScenarios, reply: CollectedReply): CollectedReply {
  return lose(reply, client.replyLosses, 'client').value
}

function readWhole(dialect: DialectScenarios, name: ReplyCase): ReplyEvent[] {
  return readerOf(dialect).whole(JSON.stringify(dialect.replies[name]?.whole))
}

function readPieces(dialect: DialectScenarios, pieces: readonly (string | Buffer)[]): ReplyEvent[] {
  return readStream(framingOf(dialect), readerOf(dialect), pieces)
}

/** A provider's stream as a client's, written frame by frame and read again. */
function throughWriter(client: DialectScenarios, provider: DialectScenarios, name: ReplyCase): ReplyEvent[] {
  const reader = readerOf(provider)
  const writer = writerOf(client, true)
  const frames = framesOf(framingOf(provider), [streamOf(provider, name)])
  const written = frames.map((frame) => writer.stream(reader.frame(frame)))
  const owed = reader.end?.() ?? []
  return readPieces(client, [written.join('') + writer.stream(owed)])
}

function streamOf({ replies }: DialectScenarios, name: ReplyCase): Buffer {
  return Buffer.from(replies[name]?.stream ?? '')
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

function normal(events: readonly ReplyEvent[]): CollectedReply {
  return normalReply(collectReply(events))
}

/** Ids and times that a writer made up because its dialect wants some are no concern. */
function comparable(events: readonly ReplyEvent[], expected: CollectedReply): CollectedReply {
  const { id, createdAt, ...reply } = normal(events)
  return {
    ...reply,
    ...(expected.id !== undefined && id !== undefined && { id }),
    ...(expected.createdAt !== undefined && createdAt !== undefined && { createdAt }),
  }
}

function framingOf({ name, provider }: DialectScenarios): Framing {
  if (!provider) throw new Error(`${name} is not spoken by providers`)
  return provider.chat.framing
}

function readerOf({ name, provider }: DialectScenarios): ReplyReader {
  if (!provider) throw new Error(`${name} is not spoken by providers`)
  return provider.chat.reader({ model: 'a-model' })
}

function writerOf({ name, client, requests }: DialectScenarios, stream: boolean): ReplyWriter {
  const body = stream ? (requests.streamed ?? requests.text) : requests.text
  if (!client || !body) throw new Error(`${name} is not spoken by clients`)
  return client.chat(body, stream).writer()
}
