import type { CollectedCandidate, CollectedPart, CollectedReply } from '../../src/core/collect.ts'
import type {
  ChatClientRequest,
  ChatFormat,
  Dialect,
  EmbeddingsClientRequest,
  EmbeddingsFormat,
  Frame,
  Framing,
  ReplyReader,
} from '../../src/core/dialect.ts'
import type { ReplyEvent } from '../../src/core/events.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { ChatRequest, Message, Part } from '../../src/core/request.ts'
import type { RouteInfo } from '../../src/core/route.ts'
import type { EmbeddingsCase, EndCase, ErrorCase, ErrorTwin, ReplyCase } from './reply-cases.ts'
import type { RequestCase } from './request-cases.ts'

/** One dialect's fixtures under the shared case names, and what it cannot carry. */
export interface DialectScenarios {
  /** The dialect's name, as model state says it. */
  readonly name: string
  /** Towards applications; absent for a dialect that only providers speak. */
  readonly client?: ClientSide
  /** Towards providers; absent for a dialect that only applications speak. */
  readonly provider?: ProviderSide
  /**
   * The body of each case's request, as our writer writes it for the model `a-model`, without losses. A case may be left
   * out when losses leave nothing of it but `text`.
   */
  readonly requests: Partial<Record<RequestCase, JsonObject>>
  readonly replies: Partial<Record<ReplyCase, ReplyFixture>>
  readonly errors: Partial<Record<ErrorCase, ErrorFixture>>
  /** A stream that says `TEXT_BEFORE_END` and then ends badly. */
  readonly ends: Partial<Record<EndCase, string | Buffer>>
  readonly embeddings?: Partial<Record<EmbeddingsCase, EmbeddingsFixture>>
  readonly requestLosses: readonly Loss<ChatRequest>[]
  readonly replyLosses: readonly Loss<CollectedReply>[]
  /** Cases that the dialect has no fixture for, each with its reason. A request that has none is refused by the writer. */
  readonly unsupported: Partial<Record<AnyCase, string>>
}

export type AnyCase = RequestCase | ReplyCase | ErrorCase | EndCase | EmbeddingsCase

export interface ClientSide {
  readonly dialect: Dialect
  /** A request to the dialect's chat endpoint. `readAt` builds its surroundings. */
  chat(body: JsonObject, stream: boolean): ChatClientRequest
  embeddings?(body: JsonObject): EmbeddingsClientRequest
  /** The next request of a client that keeps this whole answer in its history, followed by results of its calls. */
  nextTurn?(answer: JsonObject): JsonObject
}

export interface ProviderSide {
  readonly chat: ChatFormat
  readonly embeddings?: EmbeddingsFormat
}

export interface ReplyFixture {
  whole: JsonObject
  /** The same as a stream, raw. */
  stream?: string | Buffer
}

/** `twin` names what a refusal of this dialect says otherwise than the case. */
export interface ErrorFixture {
  status: number
  body: JsonObject | string
  contentType?: string
  twin?: Partial<ErrorTwin>
}

export interface EmbeddingsFixture {
  request: JsonObject
  reply: JsonObject
}

/** Something that a dialect cannot carry, whatever the case. */
export interface Loss<Value> {
  /** As `dropped` names it; '' for a change that is none worth telling, such as another spelling of the same. */
  readonly name: string
  readonly reason: string
  /** What remains. Must not change its argument, and must be the identity for values that hold nothing of it. */
  without(value: Value): Value
  /** Where it is lost: only when a client's request is read, or only when one is written to a provider. */
  readonly side?: 'client' | 'provider'
}

/** A change to each part, those inside tool results included; undefined leaves it out, with a message that it empties. */
export function mapParts(
  request: ChatRequest,
  change: (part: Part, message: Message) => Part | undefined,
): ChatRequest {
  const changeAll = (parts: readonly Part[], message: Message): Part[] =>
    parts.flatMap((part): Part[] => {
      const changed = change(part, message)
      if (changed?.type !== 'tool-result') return changed ? [changed] : []
      return [{ ...changed, parts: changeAll(changed.parts, message) }]
    })
  const messages = request.messages.flatMap((message) => {
    const parts = changeAll(message.parts, message)
    return parts.length === 0 && message.parts.length > 0 ? [] : [{ ...message, parts }]
  })
  return { ...request, messages }
}

/** A change to each candidate of a reply. */
export function mapCandidates(
  reply: CollectedReply,
  change: (candidate: CollectedCandidate) => CollectedCandidate,
): CollectedReply {
  return { ...reply, candidates: reply.candidates.map(change) }
}

/** A change to each part of a reply; undefined leaves it out. */
export function mapReplyParts(
  reply: CollectedReply,
  change: (part: CollectedPart) => CollectedPart | undefined,
): CollectedReply {
  return mapCandidates(reply, (candidate) => ({
    ...candidate,
    parts: candidate.parts.flatMap((part) => change(part) ?? []),
  }))
}

/** The fixtures of a dialect whose refusals differ only in their status. */
export function sameRefusals(body: JsonObject): Record<ErrorCase, ErrorFixture> {
  return {
    'error-400': { status: 400, body },
    'error-401': { status: 401, body },
    'error-403': { status: 403, body },
    'error-404': { status: 404, body },
    'error-413': { status: 413, body },
    'error-429': { status: 429, body },
    'error-500': { status: 500, body },
    'error-overloaded': { status: 503, body },
  }
}

/** Reads a body at one of a dialect's endpoints, as the gateway does. `search` is the query string. */
export function readAt(
  dialect: Dialect,
  path: string,
  {
    body,
    search = '',
    type = 'llm/v1/chat',
  }: { body: JsonObject; search?: string; type?: RouteInfo['type'] },
): ReturnType<Dialect['endpoints'][number]['read']> {
  const endpoint = dialect.endpoints.find((endpoint) => endpoint.path === path)
  if (!endpoint) throw new Error(`${dialect.name} has no endpoint ${path}`)
  return endpoint.read(Buffer.from(JSON.stringify(body)), {
    route: { name: 'a-route', type, model: { name: 'a-model', provider: 'a-provider' } },
    head: { headers: {}, search: new URLSearchParams(search) },
    settings: { invocationsShape: 'openai', bodyLimit: 1024 * 1024 },
  })
}

/** A request read at an endpoint that serves chats. */
export function chatAt(
  dialect: Dialect,
  path: string,
  options: { body: JsonObject; search?: string },
): ChatClientRequest {
  const request = readAt(dialect, path, options)
  if (request.operation !== 'chat') throw new Error(`${path} serves ${request.operation}`)
  return request
}

/** The same for embeddings. */
export function embeddingsAt(
  dialect: Dialect,
  path: string,
  options: { body: JsonObject; search?: string },
): EmbeddingsClientRequest {
  const request = readAt(dialect, path, { ...options, type: 'llm/v1/embeddings' })
  if (request.operation !== 'embeddings') throw new Error(`${path} serves ${request.operation}`)
  return request
}

/** Server-sent events; `event: type` is written too when `named`. */
export function sseText(events: readonly (JsonObject | string)[], named = false): string {
  return events
    .map((event) => {
      if (typeof event === 'string') return `data: ${event}\n\n`
      const name = named && typeof event['type'] === 'string' ? `event: ${event['type']}\n` : ''
      return `${name}data: ${JSON.stringify(event)}\n\n`
    })
    .join('')
}

/** The frames of a stream that arrives in these pieces, as the gateway cuts it. */
export function framesOf(framing: Framing, pieces: readonly Buffer[]): Frame[] {
  const splitter = framing.splitter()
  const frames = pieces.flatMap((piece) => {
    const complete = splitter.push(piece)
    return complete ? framing.parse(complete) : []
  })
  const rest = splitter.rest()
  if (rest.length === 0 || framing.terminator === '') return frames
  return [...frames, ...framing.parse(Buffer.concat([rest, Buffer.from(framing.terminator)]))]
}

/** All events of a stream that arrives in these pieces. */
export function readStream(
  framing: Framing,
  reader: ReplyReader,
  pieces: readonly (string | Buffer)[],
): ReplyEvent[] {
  const frames = framesOf(
    framing,
    pieces.map((piece) => Buffer.from(piece)),
  )
  return [...frames.flatMap((frame) => reader.frame(frame)), ...(reader.end?.() ?? [])]
}

/** What remains of a value, and the names of what was lost. */
export function lose<Value>(
  value: Value,
  losses: readonly Loss<Value>[],
  side: 'client' | 'provider',
): { value: Value; names: string[] } {
  const names = new Set<string>()
  let current = value
  for (const loss of losses) {
    if (loss.side !== undefined && loss.side !== side) continue
    const next = loss.without(current)
    if (loss.name !== '' && !isSame(current, next)) names.add(loss.name)
    current = next
  }
  return { value: current, names: [...names].toSorted() }
}

/** Whether two values are the same JSON, whatever the order of their members. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  )
}
