import { collectReply, type CollectedReply } from '../../src/core/collect.ts'
import type { Framing, ReplyReader, ReplyWriter } from '../../src/core/dialect.ts'
import type { ReplyEvent } from '../../src/core/events.ts'
import { normalReply } from './normal.ts'
import { REPLIES, REPLY_CASES, type ReplyCase } from './reply-cases.ts'
import { framesOf, lose, readStream, type DialectScenarios } from './support.ts'

/** The cases that a dialect's providers answer. */
export function replyCasesOf({ replies }: DialectScenarios): ReplyCase[] {
  return REPLY_CASES.filter((name) => replies[name])
}

/** Those that are streamed too. */
export function streamsOf({ replies }: DialectScenarios): ReplyCase[] {
  return REPLY_CASES.filter((name) => replies[name]?.stream !== undefined)
}

/** The case's reply without what its dialect cannot say. */
export function twinOf(dialect: DialectScenarios, name: ReplyCase): CollectedReply {
  const twin = normal(REPLIES[name](dialect.name))
  return lose(twin, dialect.replyLosses, 'provider').value
}

/** A reply without what the client's dialect cannot say. */
export function carriedTo(client: DialectScenarios, reply: CollectedReply): CollectedReply {
  return lose(reply, client.replyLosses, 'client').value
}

/** The case's whole answer, read. */
export function readWhole(dialect: DialectScenarios, name: ReplyCase): ReplyEvent[] {
  return readerOf(dialect).whole(JSON.stringify(dialect.replies[name]?.whole))
}

/** The events of a stream that arrives in these pieces. */
export function readPieces(dialect: DialectScenarios, pieces: readonly (string | Buffer)[]): ReplyEvent[] {
  return readStream(framingOf(dialect), readerOf(dialect), pieces)
}

/** A provider's stream as a client's, written frame by frame and read again. */
export function throughWriter(
  client: DialectScenarios,
  provider: DialectScenarios,
  name: ReplyCase,
): ReplyEvent[] {
  const reader = readerOf(provider)
  const writer = writerOf(client, true)
  const frames = framesOf(framingOf(provider), [streamOf(provider, name)])
  const written = frames.map((frame) => writer.stream(reader.frame(frame)))
  const owed = reader.end?.() ?? []
  return readPieces(client, [written.join('') + writer.stream(owed)])
}

/** The case's stream. */
export function streamOf({ replies }: DialectScenarios, name: ReplyCase): Buffer {
  return Buffer.from(replies[name]?.stream ?? '')
}

/** A reply put together, for comparing. */
export function normal(events: readonly ReplyEvent[]): CollectedReply {
  return normalReply(collectReply(events))
}

/** Ids and times that a writer made up because its dialect wants some are no concern. */
export function comparable(events: readonly ReplyEvent[], expected: CollectedReply): CollectedReply {
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

/** A new reader of a provider's reply. */
export function readerOf({ name, provider }: DialectScenarios): ReplyReader {
  if (!provider) throw new Error(`${name} is not spoken by providers`)
  return provider.chat.reader({ model: 'a-model' })
}

/** A new writer of a reply to a client. */
export function writerOf({ name, client, requests }: DialectScenarios, stream: boolean): ReplyWriter {
  const body = stream ? (requests.streamed ?? requests.text) : requests.text
  if (!client || !body) throw new Error(`${name} is not spoken by clients`)
  return client.chat(body, stream).writer()
}
