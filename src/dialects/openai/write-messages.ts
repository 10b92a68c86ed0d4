import { GatewayError } from '../../core/error.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { writeUrl } from '../../core/media.ts'
import type { Message, Part, ToolCallPart, ToolResultPart } from '../../core/request.ts'
import { restoreDetail } from './thinking.ts'

/** Whose extras and unknown parts go to the provider as they are, and what does not fit. */
export interface WritingMessages {
  /** The dialect of the extras; absent: they go to any. */
  extrasDialect: string | undefined
  dropped: Set<string>
}

const DIALECT = 'openai'

/**
 * Canonical messages as OpenAI's. Results of tools become messages of their own, in front of what the user says beside
 * them; pictures in results follow in the user's words, because a result holds only text.
 */
export function writeMessages(messages: readonly Message[], writing: WritingMessages): JsonObject[] {
  return messages.flatMap((message) => {
    const results = message.parts.filter((part) => part.type === 'tool-result')
    const others = message.parts.filter((part) => part.type !== 'tool-result')
    const written = results.map((result) => writeResult(result, writing))
    const pictures = results.flatMap(({ parts }) => parts.filter(({ type }) => type !== 'text'))
    if (pictures.length > 0) writing.dropped.add('messages.toolResult.media')
    const role = results.length > 0 ? 'user' : message.role
    const rest = [...pictures, ...others]
    if (rest.length === 0 && results.length > 0) return written
    return [...written, writeMessage({ ...message, role, parts: rest }, writing)]
  })
}

function writeResult(
  { callId, parts, isError, cache }: ToolResultPart,
  { dropped }: WritingMessages,
): JsonObject {
  if (isError) dropped.add('messages.isError')
  if (cache) dropped.add('cache')
  const texts = parts.filter((part) => part.type === 'text')
  const content = texts.map(({ text }) => text)
  return {
    role: 'tool',
    tool_call_id: callId,
    content: content.length === 1 ? (content[0] ?? '') : content.map((text) => ({ type: 'text', text })),
  }
}

function writeMessage(message: Message, writing: WritingMessages): JsonObject {
  const { role, parts, extras } = message
  const written: JsonObject = { ...ownExtras(extras, writing), role }
  const calls = parts.filter((part) => part.type === 'tool-call')
  const refusals = parts.filter((part) => part.type === 'refusal')
  const spoken: JsonObject[] = []
  for (const part of parts) {
    const one = writePart(part, role, writing)
    if (one) spoken.push(one)
  }
  written['content'] = writeContent(spoken, calls.length > 0 || refusals.length > 0)
  if (role !== 'assistant') return written
  const details = parts.flatMap((part) =>
    part.type === 'thinking' || part.type === 'redacted-thinking' ? (restoreDetail(part) ?? []) : [],
  )
  if (details.length > 0) written['reasoning_details'] = details
  if (refusals.length > 0) written['refusal'] = refusals.map(({ text }) => text).join('')
  if (calls.length > 0) written['tool_calls'] = calls.map((call) => writeCall(call, writing))
  return written
}

function ownExtras(extras: JsonObject, { extrasDialect, dropped }: WritingMessages): JsonObject {
  if (extrasDialect === undefined || extrasDialect === DIALECT) return extras
  for (const name of Object.keys(extras)) dropped.add(`messages.${name}`)
  return {}
}

/** A single text is written as a plain string: every compatible server reads that, not all read lists. */
function writeContent(parts: readonly JsonObject[], mayBeNull: boolean): JsonValue {
  const [only] = parts
  if (only === undefined) return mayBeNull ? null : ''
  if (parts.length === 1 && only['type'] === 'text' && typeof only['text'] === 'string') return only['text']
  return [...parts]
}

function writeCall(call: ToolCallPart, { dropped }: WritingMessages): JsonObject {
  if (call.state) dropped.add('messages.signature')
  if (call.cache) dropped.add('cache')
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }
}

/** What stands in `content`; undefined for what stands elsewhere or is left out. */
function writePart(
  part: Part,
  role: string,
  { extrasDialect, dropped }: WritingMessages,
): JsonObject | undefined {
  if ('cache' in part && part.cache && part.type !== 'tool-call' && part.type !== 'tool-result')
    dropped.add('cache')
  switch (part.type) {
    case 'text':
      if (part.state) dropped.add('messages.signature')
      return { type: 'text', text: part.text }
    case 'image':
      return writeImage(part)
    case 'audio':
      return writeAudio(part)
    case 'file':
      return writeFile(part, dropped)
    case 'thinking':
    case 'redacted-thinking':
      if (part.state?.dialect !== DIALECT) dropped.add('messages.thinking')
      return undefined
    case 'opaque':
      if (part.dialect === undefined || part.dialect === DIALECT) return part.value
      dropped.add(`messages.${String(part.value['type'] ?? 'content')}`)
      return undefined
    case 'refusal':
      return role === 'assistant' ? undefined : { type: 'text', text: part.text }
    case 'tool-call':
    case 'tool-result':
      return undefined
    default:
      throw unknownPart(part, extrasDialect)
  }
}

function writeImage({ source, detail }: Extract<Part, { type: 'image' }>): JsonObject {
  const url = writeUrl(source)
  if (url === undefined) throw cannotSend('an image that another provider keeps under an id')
  return { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } }
}

function writeAudio({ source }: Extract<Part, { type: 'audio' }>): JsonObject {
  if (source.kind !== 'base64') throw cannotSend('sound that is not in the request itself, as base64')
  const format = source.mediaType.replace(/^audio\/(?:x-)?/, '').replace('mpeg', 'mp3')
  return { type: 'input_audio', input_audio: { data: source.data, format } }
}

function writeFile(
  { source, name, context, citations }: Extract<Part, { type: 'file' }>,
  dropped: Set<string>,
): JsonObject {
  if (context !== undefined) dropped.add('messages.context')
  if (citations) dropped.add('messages.citations')
  if (source.kind === 'text') return { type: 'text', text: source.text }
  const filename = name ?? 'document.pdf'
  if (source.kind === 'file-id') {
    if (source.dialect !== DIALECT) throw cannotSend('a file that another provider keeps under an id')
    return { type: 'file', file: { file_id: source.id } }
  }
  const data = writeUrl(source)
  if (source.kind === 'url' || data === undefined)
    throw cannotSend('a file by its URL; send its content as base64')
  return { type: 'file', file: { filename, file_data: data } }
}

function cannotSend(what: string): GatewayError {
  return new GatewayError(`The provider of this route cannot be sent ${what}.`, {
    kind: 'bad_request',
    status: 422,
    parameter: 'messages',
  })
}

function unknownPart(part: never, dialect: string | undefined): Error {
  return new Error(`a part of ${dialect ?? 'no'} dialect is of no known type: ${JSON.stringify(part)}`)
}
