import type { ChatFormat, EmbeddingsFormat } from '../core/dialect.ts'
import type { JsonObject } from '../core/json.ts'
import type { ChatRequest, EmbeddingsRequest, Message, Reasoning } from '../core/request.ts'

/** How a provider's chat differs from the dialect that it speaks. */
export interface ChatQuirks {
  /** Request fields that it refuses: they are left out and named as dropped. */
  readonly lacks?: readonly (keyof ChatRequest)[]
  /** How it is told how much to think, in members of its own. */
  readonly thinking?: (reasoning: Reasoning) => JsonObject
}

/** What a provider's chat takes and sends beyond OpenAI's own, by the names of the dialect's options. */
export interface ChatExtensions {
  /** The member of assistant messages in which unsigned thinking goes back; absent: it is left out. */
  readonly thinkingName?: 'reasoning_content' | 'reasoning'
  /** `cache_control` on parts and tools, in Anthropic's words. */
  readonly takesCacheMarks?: boolean
  /** `top_k`. */
  readonly takesTopK?: boolean
  /** Events that hold pictures. */
  readonly sendsMedia?: boolean
}

/** How a provider's embeddings are told what they are for: the member, and its words for Cohere's. */
export interface PurposeWords {
  readonly member: string
  readonly words: Readonly<Record<string, string>>
}

/**
 * A chat format for a provider that lacks some of it. A client's own bytes pass through as before: what the provider
 * does not like in them, it says itself.
 */
export function adaptChat(format: ChatFormat, quirks: ChatQuirks): ChatFormat {
  return {
    ...format,
    write(request, target) {
      const { kept, dropped } = adapt(request, quirks)
      const written = format.write(kept, target)
      return dropped.length === 0
        ? written
        : { body: written.body, dropped: [...dropped, ...written.dropped] }
    },
  }
}

/** An embeddings format for a provider with its own words for what vectors are for. */
export function adaptEmbeddings(format: EmbeddingsFormat, { member, words }: PurposeWords): EmbeddingsFormat {
  return {
    ...format,
    write(request, target) {
      const { purpose, ...rest } = request
      const word = purpose === undefined ? undefined : words[purpose]
      if (word === undefined) return format.write(request, target)
      const { kept, dropped } = withMembers(rest, { [member]: word })
      const written = format.write(kept, target)
      return { body: written.body, dropped: [...dropped, ...written.dropped] }
    },
  }
}

interface Adapted<Request> {
  kept: Request
  dropped: string[]
}

function adapt(request: ChatRequest, { lacks = [], thinking }: ChatQuirks): Adapted<ChatRequest> {
  const kept: ChatRequest = { ...request, messages: request.messages.map(withKnownRole) }
  const dropped: string[] = []
  for (const field of lacks) {
    // Asking for one answer asks for nothing.
    const isAsked = kept[field] !== undefined && !(field === 'candidates' && kept.candidates === 1)
    if (isAsked) dropped.push(field)
    delete kept[field]
  }
  if (!thinking || !kept.reasoning) return { kept, dropped }
  const { reasoning, ...rest } = kept
  const adapted = withMembers(rest, thinking(reasoning))
  return { kept: adapted.kept, dropped: [...dropped, ...adapted.dropped] }
}

/** `developer` is OpenAI's own word; everybody knows `system`. */
function withKnownRole(message: Message): Message {
  return message.role === 'developer' ? { ...message, role: 'system' } : message
}

/** The provider's own members among the extras. Those of another dialect, which would not go there anyway, make room. */
function withMembers<Request extends ChatRequest | EmbeddingsRequest>(
  request: Request,
  members: JsonObject,
): Adapted<Request> {
  const { extras, extrasDialect } = request
  if (extrasDialect === undefined || extrasDialect === 'openai') {
    return { kept: { ...request, extras: { ...extras, ...members } }, dropped: [] }
  }
  const kept = { ...request, extras: members }
  delete kept.extrasDialect
  return { kept, dropped: Object.keys(extras) }
}
