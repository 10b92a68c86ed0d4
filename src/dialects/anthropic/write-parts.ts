import { asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type {
  CacheMark,
  FilePart,
  ImagePart,
  MediaSource,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../core/request.ts'
import { isEmptyText, isPlainText, type Block } from './block.ts'
import { CallIds } from './call-ids.ts'
import { ownCitations } from './citations.ts'
import { refusal } from './refusal.ts'
import { writeCallState } from './signatures.ts'

/**
 * The parts of one request as Anthropic's blocks. Throws a 422 for what it has no way to serve: sound, files of other
 * types than PDF and text, arguments of a tool call that are not JSON.
 */
export class PartWriter {
  readonly #dropped: Set<string>
  readonly #ids = new CallIds()

  /** What is left out is named in `dropped`. */
  constructor(dropped: Set<string>) {
    this.#dropped = dropped
  }

  write(parts: readonly Part[]): Block[] {
    return parts.flatMap((part) => this.#writePart(part) ?? [])
  }

  #writePart(part: Part): Block | undefined {
    switch (part.type) {
      case 'text':
        return { json: this.#writeText(part) }
      case 'refusal':
        return { json: { type: 'text', text: part.text } }
      case 'image':
        if (part.detail !== undefined) this.#dropped.add('messages.detail')
        return { json: writeImage(part) }
      case 'file':
        return { json: writeFile(part) }
      case 'audio':
        throw refusal("Anthropic's models do not take sound.", 'messages')
      case 'tool-call':
        return this.#writeCall(part)
      case 'tool-result':
        return { json: this.#writeResult(part) }
      case 'thinking':
        // Without its signature, or with another model's, the whole request would be refused.
        if (part.state?.dialect !== 'anthropic') return this.#drop('messages.thinking')
        return { json: { type: 'thinking', thinking: part.text, signature: part.state.data } }
      case 'redacted-thinking':
        if (part.state.dialect !== 'anthropic') return this.#drop('messages.thinking')
        return { json: { type: 'redacted_thinking', data: part.state.data } }
      case 'opaque':
        if (part.dialect === undefined || part.dialect === 'anthropic') return { json: { ...part.value } }
        return this.#drop(`messages.${asString(part.value['type']) ?? 'opaque'}`)
    }
  }

  #drop(name: string): undefined {
    this.#dropped.add(name)
  }

  #writeText({ text, annotations, state, cache }: TextPart): JsonObject {
    if (state) this.#dropped.add('messages.signature')
    const citations = ownCitations(annotations)
    if (annotations && citations.length < annotations.length) this.#dropped.add('messages.annotations')
    return { type: 'text', text, ...(citations.length > 0 ? { citations } : {}), ...writeCacheMark(cache) }
  }

  #writeCall(part: ToolCallPart): Block {
    const { name, state, cache } = part
    if (state && state.dialect !== 'anthropic') this.#dropped.add('messages.signature')
    return {
      json: {
        type: 'tool_use',
        id: this.#ids.ofCall(part),
        name,
        ...writeCallState(state),
        ...writeCacheMark(cache),
      },
      input: checkArguments(part),
    }
  }

  #writeResult(part: ToolResultPart): JsonObject {
    const { parts, isError, cache } = part
    return {
      type: 'tool_result',
      tool_use_id: this.#ids.ofResult(part),
      content: writeResultContent(this.write(parts)),
      ...(isError === undefined ? {} : { is_error: isError }),
      ...writeCacheMark(cache),
    }
  }
}

export function writeCacheMark(cache: CacheMark | undefined): { cache_control?: JsonObject } {
  return cache ? { cache_control: { type: 'ephemeral', ...cache } } : {}
}

/** A single text as a string, as in a turn's content. Tools' results hold no calls. */
function writeResultContent(blocks: readonly Block[]): JsonValue {
  const filled = blocks.map(({ json }) => json).filter((block) => !isEmptyText(block))
  const [only] = filled
  if (only === undefined) return ''
  return filled.length === 1 && isPlainText(only) ? only.text : filled
}

function checkArguments(call: { id: string; name: string; arguments: string }): string {
  // What OpenAI's clients send for a tool without parameters.
  if (call.arguments.trim() === '') return '{}'
  const where = `The arguments of tool call '${call.id}' to '${call.name}'`
  let value: unknown
  try {
    value = JSON.parse(call.arguments)
  } catch (error) {
    throw refusal(`${where} are not valid JSON.`, 'messages', error)
  }
  if (!isObject(value)) throw refusal(`${where} are not a JSON object.`, 'messages')
  return call.arguments
}

function writeImage({ source, cache }: ImagePart): JsonObject {
  const written = writeSource(source)
  if (written && written['type'] !== 'text' && isAddress(written)) {
    return { type: 'image', source: written, ...writeCacheMark(cache) }
  }
  throw refusal(
    "An image's URL must be an http(s) URL or base64 data with its type, as in 'data:image/png;base64,...'.",
    'messages',
  )
}

function isAddress({ type, url, media_type }: JsonObject): boolean {
  return type === 'url' ? /^https?:\/\//i.test(asString(url) ?? '') : type === 'file' || media_type !== ''
}

function writeFile({ source, name, context, citations, cache }: FilePart): JsonObject {
  if ('mediaType' in source && source.mediaType?.startsWith('image/') && source.kind !== 'text') {
    return writeImage({ type: 'image', source, ...(cache ? { cache } : {}) })
  }
  return {
    type: 'document',
    source: writeDocumentSource(source),
    ...(name === undefined ? {} : { title: name }),
    ...(context === undefined ? {} : { context }),
    ...(citations === undefined ? {} : { citations: { enabled: citations } }),
    ...writeCacheMark(cache),
  }
}

/** Documents are PDFs or plain text; a text in base64 is sent as the text that it is. */
function writeDocumentSource(source: MediaSource): JsonObject {
  const mediaType = source.kind === 'file-id' ? undefined : source.mediaType
  if (source.kind === 'base64' && mediaType?.startsWith('text/')) {
    return plainText(Buffer.from(source.data, 'base64').toString('utf8'))
  }
  const written = writeSource(source)
  const isPdf = mediaType === undefined || mediaType === 'application/pdf'
  if (written && (isPdf || source.kind === 'text')) return written
  throw refusal(
    `Anthropic's models take PDFs and plain text as files, and no ${mediaType ?? 'file of another API'}.`,
    'messages',
  )
}

/** Undefined for a file that only another provider has. */
function writeSource(source: MediaSource): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'text':
      return plainText(source.text)
    case 'file-id':
      return source.dialect === 'anthropic' ? { type: 'file', file_id: source.id } : undefined
  }
}

function plainText(data: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data }
}
