import type { CollectedCandidate, CollectedReply } from '../../src/core/collect.ts'
import { kindOnTheWire, EMBEDDINGS_CASES, ERROR_CASES, type ReplyCase } from './reply-cases.ts'
import type { RequestCase } from './request-cases.ts'
import { comparable, normal, readerOf, readWhole, streamsOf, throughWriter, writerOf } from './run-replies.ts'
import { fixtureOf, read, write } from './run-requests.ts'
import { isSame, type DialectScenarios } from './support.ts'

/** What a client of one dialect may expect of a provider of another. */
export type Feature =
  | 'chat'
  | 'stream'
  | 'tools'
  | 'parallel tools'
  | 'images'
  | 'structured'
  | 'thinking'
  | 'embeddings'
  | 'errors'

/** `what` names what is lost: fields of the request as the gateway names them, and what the reply cannot show. */
export interface Cell {
  result: 'pass' | 'lossy' | 'unsupported'
  what: string[]
}

const CASES: Readonly<
  Record<Exclude<Feature, 'embeddings' | 'errors'>, { requests: RequestCase[]; replies: ReplyCase[] }>
> = {
  chat: {
    requests: ['text', 'conversation', 'system', 'developer', 'sampling'],
    replies: ['text', 'non-ascii', 'length', 'stop-sequence', 'refusal', 'content-filter', 'usage-cache'],
  },
  stream: { requests: ['streamed'], replies: ['text', 'non-ascii', 'tool-call', 'thinking', 'length'] },
  tools: {
    requests: [
      ...(['tools', 'tool-call', 'text-then-tool', 'tool-without-arguments', 'tool-error'] as const),
      ...(['tool-choice-auto', 'tool-choice-none', 'tool-choice-required', 'tool-choice-one'] as const),
    ],
    replies: ['tool-call', 'text-then-tool', 'tool-without-arguments'],
  },
  'parallel tools': {
    requests: ['parallel-tools', 'repeated-tools', 'one-tool-at-a-time'],
    replies: ['parallel-tools', 'repeated-tools'],
  },
  images: { requests: ['image-url', 'image-base64', 'tool-result-image'], replies: [] },
  structured: { requests: ['structured', 'json-mode'], replies: ['structured'] },
  thinking: {
    requests: ['reasoning-effort', 'reasoning-budget', 'reasoning-off'],
    replies: ['thinking', 'thinking-then-tool', 'redacted-thinking', 'signed-call', 'usage-reasoning'],
  },
}

export const FEATURES: readonly Feature[] = [
  ...(['chat', 'stream', 'tools', 'parallel tools', 'images', 'structured', 'thinking'] as const),
  ...(['embeddings', 'errors'] as const),
]

/** One client dialect and one provider dialect, feature by feature, as they are now: every case is run. */
export function conformanceOf(client: DialectScenarios, provider: DialectScenarios): Record<Feature, Cell> {
  const cells = FEATURES.map((feature) => [feature, cellOf(feature, client, provider)] as const)
  return Object.fromEntries(cells) as Record<Feature, Cell>
}

function cellOf(feature: Feature, client: DialectScenarios, provider: DialectScenarios): Cell {
  if (feature === 'errors') return toCell(errorLosses(client, provider))
  if (feature === 'embeddings') {
    const isServed = EMBEDDINGS_CASES.some((name) => client.embeddings?.[name] && provider.embeddings?.[name])
    return isServed ? toCell([]) : { result: 'unsupported', what: [] }
  }
  const { requests, replies } = CASES[feature]
  const asked = requests.filter((name) => fixtureOf(client, name))
  const lost = asked.map((name) => requestLosses(name, client, provider))
  if (lost.length > 0 && lost.every((losses) => losses === 'refused'))
    return { result: 'unsupported', what: [] }
  const refused = asked.filter((_, index) => lost[index] === 'refused').map((name) => `${name} (refused)`)
  return toCell([
    ...lost.flatMap((losses) => (losses === 'refused' ? [] : losses)),
    ...refused,
    ...replies.flatMap((name) => replyLosses(name, client, { provider, streams: feature === 'stream' })),
  ])
}

function toCell(losses: readonly string[]): Cell {
  const what = [...new Set(losses)].toSorted()
  return { result: what.length === 0 ? 'pass' : 'lossy', what }
}

function requestLosses(
  name: RequestCase,
  client: DialectScenarios,
  provider: DialectScenarios,
): string[] | 'refused' {
  const written = write(provider, read(client, name))
  return 'refused' in written ? 'refused' : written.dropped
}

/** What a provider's reply says and the client is not told. */
function replyLosses(
  name: ReplyCase,
  client: DialectScenarios,
  { provider, streams }: { provider: DialectScenarios; streams: boolean },
): string[] {
  if (!provider.replies[name] || (streams && !streamsOf(provider).includes(name))) return []
  const sent = readWhole(provider, name)
  const told = streams
    ? throughWriter(client, provider, name)
    : readerOf(client).whole(writerOf(client, false).whole(sent))
  const before = normal(sent)
  return changesOf(before, comparable(told, before))
}

function changesOf(before: CollectedReply, after: CollectedReply): string[] {
  const usage = Object.entries(before.usage).flatMap(([name, count]) =>
    Reflect.get(after.usage, name) === count ? [] : `usage.${name}`,
  )
  return [
    ...usage,
    ...before.candidates.flatMap((candidate, index) => candidateChanges(candidate, after.candidates[index])),
  ]
}

function candidateChanges(before: CollectedCandidate, after: CollectedCandidate | undefined): string[] {
  if (!after) return ['more than one candidate']
  const kinds = before.parts.flatMap(({ kind }) =>
    after.parts.some((part) => part.kind === kind) ? [] : kind,
  )
  return [
    ...kinds.map((kind) => `${kind} as such`),
    // What is told as something else ends as that.
    ...(kinds.length > 0 || isSame(statesOf(before), statesOf(after)) ? [] : ['signatures']),
    ...(kinds.length > 0 || before.end?.reason === after.end?.reason
      ? []
      : [`finish reason ${before.end?.reason}`]),
    ...(before.end?.stopSequence === after.end?.stopSequence ? [] : ['which stop sequence']),
  ]
}

function statesOf({ parts }: CollectedCandidate): unknown {
  return parts.map(({ state }) => state ?? null)
}

/** Refusals of the provider that a client of the dialect reads as something else. */
function errorLosses(client: DialectScenarios, provider: DialectScenarios): string[] {
  return ERROR_CASES.filter((name) => {
    const fixture = provider.errors[name]
    if (!fixture || !provider.provider) return false
    const body = typeof fixture.body === 'string' ? fixture.body : JSON.stringify(fixture.body)
    const type = fixture.contentType ?? 'application/json'
    const error = provider.provider.chat.readError(fixture.status, type, body)
    const written = client.client?.dialect.writeError(error)
    const told = client.provider?.chat.readError(
      written?.status ?? 0,
      'application/json',
      JSON.stringify(written?.body),
    )
    return !told || kindOnTheWire(told) !== kindOnTheWire(error) || told.message !== error.message
  })
}
