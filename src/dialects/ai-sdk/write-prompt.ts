import type { JsonObject, JsonValue } from '../../core/json.ts'
import type {
  AudioPart,
  CacheMark,
  FilePart,
  ImagePart,
  MediaSource,
  Message,
  Part,
  ToolCallPart,
  ToolResultPart,
} from '../../core/request.ts'
import type { ModelState } from '../../core/state.ts'

/**
 * Messages as a language model's prompt. URLs of media stand in `data` as text: only the provider can make them the
 * `URL` objects that the specification wants. What there is no place for is added to `dropped`.
 */
export class PromptWriter {
  readonly #dropped: string[]
  /** A result must name its tool; most dialects only cite the call. */
  readonly #toolNames = new Map<string, string>()

  constructor(dropped: string[]) {
    this.#dropped = dropped
  }

  write(messages: readonly Message[]): JsonObject[] {
    return messages.flatMap((message) => this.#message(message))
  }

  #message({ role, parts, extras }: Message): JsonObject[] {
    for (const name in extras) this.#dropped.push(`messages.${name}`)
    if (role === 'system' || role === 'developer') return this.#system(parts)
    const results = parts.filter((part) => part.type === 'tool-result')
    const rest = parts.filter((part) => part.type !== 'tool-result')
    const written: JsonObject[] = []
    if (results.length > 0) written.push({ role: 'tool', content: results.map((part) => this.#result(part)) })
    if (rest.length === 0) return written
    const content = rest.flatMap((part) => (role === 'assistant' ? this.#said(part) : this.#asked(part)))
    return [...written, { role: role === 'assistant' ? role : 'user', content }]
  }

  #system(parts: readonly Part[]): JsonObject[] {
    const texts = parts.filter((part) => part.type === 'text')
    if (texts.length < parts.length) this.#dropped.push('messages.content')
    const cache = texts.findLast((part) => part.cache)?.cache
    return [{ role: 'system', content: texts.map(({ text }) => text).join('\n'), ...cacheOptions(cache) }]
  }

  /** A part of a user's message. */
  #asked(part: Part): JsonObject[] {
    switch (part.type) {
      case 'text':
        return [{ type: 'text', text: part.text, ...cacheOptions(part.cache) }]
      case 'image':
      case 'file':
      case 'audio':
        return this.#media(part)
      default:
        return this.#other(part)
    }
  }

  /** A part of the model's own message. */
  #said(part: Part): JsonObject[] {
    switch (part.type) {
      case 'text':
      case 'refusal':
        return [{ type: 'text', text: part.text }]
      case 'thinking':
        return this.#thinking(part.text, part.state)
      case 'redacted-thinking':
        return this.#thinking('', part.state)
      case 'tool-call':
        return [this.#call(part)]
      default:
        return this.#asked(part)
    }
  }

  /** Without its own signature it is worth nothing to any package. */
  #thinking(text: string, state: ModelState | undefined): JsonObject[] {
    const providerOptions = ownOptions(state)
    if (providerOptions) return [{ type: 'reasoning', text, providerOptions }]
    this.#dropped.push('messages.thinking')
    return []
  }

  #call({ id, name, arguments: text, state }: ToolCallPart): JsonObject {
    this.#toolNames.set(id, name)
    const providerOptions = ownOptions(state)
    return {
      type: 'tool-call',
      toolCallId: id,
      toolName: name,
      input: parseArguments(text),
      ...(providerOptions ? { providerOptions } : {}),
    }
  }

  #result({ callId, name, parts, isError = false, cache }: ToolResultPart): JsonObject {
    return {
      type: 'tool-result',
      toolCallId: callId,
      toolName: name ?? this.#toolNames.get(callId) ?? '',
      output: this.#output(parts, isError),
      ...cacheOptions(cache),
    }
  }

  #output(parts: readonly Part[], isError: boolean): JsonObject {
    const texts = parts.filter((part) => part.type === 'text')
    if (isError || texts.length === parts.length) {
      if (texts.length < parts.length) this.#dropped.push('messages.content')
      const value = texts.map(({ text }) => text).join('\n')
      return { type: isError ? 'error-text' : 'text', value }
    }
    return { type: 'content', value: parts.flatMap((part) => this.#outputPart(part)) }
  }

  #outputPart(part: Part): JsonObject[] {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    if (part.type !== 'image' && part.type !== 'file') return this.#other(part)
    const { source } = part
    if (source.kind === 'base64') {
      const type = part.type === 'image' ? 'image-data' : 'file-data'
      return [{ type, data: source.data, mediaType: source.mediaType }]
    }
    if (source.kind === 'url') return [{ type: `${part.type}-url`, url: source.url }]
    return source.kind === 'text' ? [{ type: 'text', text: source.text }] : this.#other(part)
  }

  #media(part: ImagePart | FilePart | AudioPart): JsonObject[] {
    const media = writeMedia(part.source, part.type)
    if (!media) return this.#other(part)
    const name = part.type === 'file' ? part.name : undefined
    return [
      {
        type: 'file',
        ...media,
        ...(name === undefined ? {} : { filename: name }),
        ...cacheOptions(part.cache),
      },
    ]
  }

  #other(part: Part): JsonObject[] {
    if (part.type === 'opaque' && (part.dialect === undefined || part.dialect === 'ai-sdk'))
      return [part.value]
    this.#dropped.push(`messages.${part.type}`)
    return []
  }
}

/** Cache marks are Anthropic's; other packages read only their own options. */
export function cacheOptions(cache: CacheMark | undefined): JsonObject {
  if (!cache) return {}
  const ttl: JsonObject = cache.ttl === undefined ? {} : { ttl: cache.ttl }
  return { providerOptions: { anthropic: { cacheControl: { type: 'ephemeral', ...ttl } } } }
}

const ANY_TYPE = { image: 'image/*', file: 'application/octet-stream', audio: 'audio/*' }

function writeMedia(source: MediaSource, kind: keyof typeof ANY_TYPE): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { mediaType: source.mediaType, data: source.data }
    case 'url':
      return { mediaType: source.mediaType ?? typeOfUrl(source.url) ?? ANY_TYPE[kind], data: source.url }
    case 'text':
      return {
        mediaType: source.mediaType ?? 'text/plain',
        data: Buffer.from(source.text).toString('base64'),
      }
    case 'file-id':
      return undefined
  }
}

/** The one type that packages treat apart, and whose URLs say what they are. */
function typeOfUrl(url: string): string | undefined {
  return /\.pdf(?:[?#]|$)/i.test(url) ? 'application/pdf' : undefined
}

/** State that a package of the SDK gave, as the options that it wants back. */
function ownOptions(state: ModelState | undefined): JsonValue | undefined {
  if (state?.dialect !== 'ai-sdk') return undefined
  try {
    return JSON.parse(state.data)
  } catch {
    return undefined
  }
}

/** The specification wants arguments parsed; what is no JSON is left as the model wrote it. */
function parseArguments(text: string): JsonValue {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
