import { asObject, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type {
  MediaSource,
  Message,
  Part,
  TextPart,
  ThinkingPart,
  ToolResultPart,
} from '../../core/request.ts'
import type { ModelState } from '../../core/state.ts'
import { fieldsOf, listOf } from './fields.ts'
import { mediaTypeOfUrl } from './media-types.ts'
import { readSignature } from './state.ts'

/** The `contents` of a request, or its one `systemInstruction`, as messages. */
export function readContents(contents: JsonValue | undefined): Message[] {
  return new ContentsReader().read(contents)
}

export function readInstruction(instruction: JsonValue | undefined): Message[] {
  if (typeof instruction === 'string') return [message('system', [{ type: 'text', text: instruction }])]
  const parts = listOf(asObject(instruction)['parts']).map((part) => readPart(fieldsOf(part)))
  return parts.length > 0 ? [message('system', parts)] : []
}

function message(role: string, parts: Part[]): Message {
  return { role, parts, extras: {} }
}

/** A call that still waits for its result. */
interface OpenCall {
  id: string
  name: string
}

/**
 * Gives calls without an id one of their place in the conversation, which stays the same from turn to turn, and finds it
 * again for their results.
 */
class ContentsReader {
  #calls = 0
  #waiting: OpenCall[] = []

  read(contents: JsonValue | undefined): Message[] {
    const messages: Message[] = []
    for (const content of listOf(contents)) {
      const { role, parts } = fieldsOf(content)
      const fields = listOf(parts).map(fieldsOf)
      if (role === 'model') this.#readModel(fields, messages)
      else messages.push(...this.#readUser(fields))
    }
    return messages
  }

  /** Clients keep an answer as the pieces that they got it in; here they are one message, as far as they are. */
  #readModel(fields: readonly JsonObject[], messages: Message[]): void {
    const last = messages.at(-1)
    const isNext = last?.role === 'assistant'
    const target = isNext ? last : message('assistant', [])
    if (!isNext) {
      messages.push(target)
      this.#waiting = []
    }
    for (const part of fields) {
      const read = isObject(part['functionCall']) ? this.#readCall(part) : readPart(part)
      if (!extend(target.parts.at(-1), read)) target.parts.push(read)
    }
  }

  /** Results stand in a message of their own, before what else the user says. */
  #readUser(fields: readonly JsonObject[]): Message[] {
    const results = fields.filter((part) => isObject(part['functionResponse']))
    const others = fields.filter((part) => !isObject(part['functionResponse']))
    return [
      ...results.map((part) => message('tool', [this.#readResult(fieldsOf(part['functionResponse']))])),
      ...(others.length > 0 || results.length === 0 ? [message('user', others.map(readPart))] : []),
    ]
  }

  #readCall(part: JsonObject): Part {
    const call = fieldsOf(part['functionCall'])
    const name = asString(call['name']) ?? ''
    const id = asString(call['id']) || `call_${this.#calls++}`
    this.#waiting.push({ id, name })
    const text = JSON.stringify(asObject(call['args']))
    return { type: 'tool-call', id, name, arguments: text, ...stateOf(part) }
  }

  #readResult(result: JsonObject): ToolResultPart {
    const name = asString(result['name']) ?? ''
    const callId = asString(result['id']) || this.#waiting.find((call) => call.name === name)?.id
    this.#waiting = this.#waiting.filter(({ id }) => id !== callId)
    const media = listOf(result['parts']).map((part) => readPart(fieldsOf(part)))
    const { parts, isError } = readResponse(asObject(result['response']))
    return {
      type: 'tool-result',
      callId: callId ?? '',
      name,
      parts: [...parts, ...media],
      ...(isError ? { isError } : {}),
    }
  }
}

/**
 * The words of a result; one that has more than Google's own `output` or `error` is its JSON.
 * Spec: https://ai.google.dev/api/caching#FunctionResponse
 */
function readResponse(response: JsonObject): { parts: TextPart[]; isError: boolean } {
  const names = Object.keys(response)
  const [name] = names
  const only = names.length === 1 && (name === 'output' || name === 'error') ? response[name] : undefined
  const text = typeof only === 'string' ? only : JSON.stringify(only ?? response)
  return { parts: [{ type: 'text', text }], isError: name === 'error' && only !== undefined }
}

/** Adds a piece to the one before it: streamed text comes in many, and a signature closes what it signs. */
function extend(last: Part | undefined, next: Part): boolean {
  if (!isText(last) || !isText(next) || last.type !== next.type || last.state) return false
  last.text += next.text
  if (next.state) last.state = next.state
  return true
}

function isText(part: Part | undefined): part is TextPart | ThinkingPart {
  return part?.type === 'text' || part?.type === 'thinking'
}

function readPart(part: JsonObject): Part {
  const text = asString(part['text'])
  const signed = stateOf(part)
  if (part['thought'] === true) return readThought(part, text)
  if (text !== undefined) return { type: 'text', text, ...signed }
  // Only Gemini can look at a piece of a video, or at media with its own attention.
  const isPlain = !('videoMetadata' in part || 'mediaResolution' in part || 'partMetadata' in part)
  const source = isPlain ? readSource(part) : undefined
  return source ? readMedia(source) : { type: 'opaque', dialect: 'gemini', value: part }
}

/** Redacted thinking has no text at all, not even an empty one. */
function readThought(part: JsonObject, text: string | undefined): Part {
  const { state } = stateOf(part)
  if (text !== undefined) return { type: 'thinking', text, ...(state ? { state } : {}) }
  return state ? { type: 'redacted-thinking', state } : { type: 'opaque', dialect: 'gemini', value: part }
}

function stateOf(part: JsonObject): { state?: ModelState } {
  const signature = asString(part['thoughtSignature'])
  return signature ? { state: readSignature(signature).state } : {}
}

function readSource(part: JsonObject): (MediaSource & { name?: string }) | undefined {
  const inline = fieldsOf(part['inlineData'])
  const file = fieldsOf(part['fileData'])
  const name = asString(inline['displayName']) ?? asString(file['displayName'])
  const named = name === undefined ? {} : { name }
  const data = asString(inline['data'])
  if (data !== undefined) {
    return {
      kind: 'base64',
      mediaType: asString(inline['mimeType']) ?? 'application/octet-stream',
      data,
      ...named,
    }
  }
  const uri = asString(file['fileUri'])
  if (uri === undefined) return undefined
  const mimeType = asString(file['mimeType'])
  const mediaType = mimeType === undefined ? {} : { mediaType: mimeType }
  // Files in Google's own stores can be read by nobody else.
  if (isGoogles(uri)) return undefined
  return { kind: 'url', url: uri, ...mediaType, ...named }
}

function isGoogles(uri: string): boolean {
  return !/^https?:/i.test(uri) || uri.startsWith('https://generativelanguage.googleapis.com/')
}

function readMedia({ name, ...source }: MediaSource & { name?: string }): Part {
  const promised = source.kind === 'url' ? mediaTypeOfUrl(source.url) : undefined
  const mediaType = ('mediaType' in source ? source.mediaType : undefined) ?? promised ?? ''
  if (mediaType.startsWith('audio/')) return { type: 'audio', source }
  if (mediaType.startsWith('image/')) {
    // Few other APIs take a type beside the URL of a picture, so one that says nothing new is left out.
    const { kind } = source
    return {
      type: 'image',
      source: kind === 'url' && mediaType === promised ? { kind, url: source.url } : source,
    }
  }
  return { type: 'file', source, ...(name === undefined ? {} : { name }) }
}
