import type { Frame, ReplyReader } from '../../core/dialect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'

/**
 * Reads Mistral's answers as OpenAI's, but for the content of models that think: a list, with the thinking in it.
 * Spec: https://docs.mistral.ai/capabilities/reasoning
 */
export class MistralReplyReader implements ReplyReader {
  readonly #reader: ReplyReader

  constructor(reader: ReplyReader) {
    this.#reader = reader
  }

  whole(body: string): ReplyEvent[] {
    return this.#reader.whole(withPlainContent(body, 'message')).map(withKnownReason)
  }

  frame({ data }: Frame): ReplyEvent[] {
    return this.#reader.frame({ data: withPlainContent(data, 'delta') }).map(withKnownReason)
  }

  end(): ReplyEvent[] {
    return this.#reader.end?.() ?? []
  }

  usage(body: Buffer): Usage | undefined {
    return this.#reader.usage(body)
  }
}

/** The JSON text with each list in `content` as OpenAI-like servers have it; most have none and stay as they are. */
function withPlainContent(json: string, member: 'message' | 'delta'): string {
  if (!LIST.test(json)) return json
  let reply: unknown
  try {
    reply = JSON.parse(json)
  } catch {
    // Told by the reader that is given it.
    return json
  }
  for (const choice of asArray(asObject(reply)['choices']).filter(isObject)) {
    const content = choice[member]
    if (isObject(content)) flatten(content)
  }
  return JSON.stringify(reply)
}

const LIST = /"content"\s*:\s*\[/

function flatten(message: JsonObject): void {
  const { content } = message
  if (!Array.isArray(content)) return
  const chunks = content.filter(isObject)
  const thinking = chunks.flatMap(({ thinking }) => asArray(thinking))
  message['content'] = textOf(chunks)
  if (thinking.length > 0) message['reasoning_content'] = textOf(thinking)
}

function textOf(chunks: readonly unknown[]): string {
  return chunks.map((chunk) => asString(asObject(chunk)['text']) ?? '').join('')
}

function withKnownReason(event: ReplyEvent): ReplyEvent {
  if (event.type !== 'candidate-end' || event.reason !== 'model_length') return event
  return { ...event, reason: 'length', native: { dialect: 'mistral', reason: event.reason } }
}
