import {
  asArray,
  asObject,
  asString,
  isObject,
  omit,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts'
import { readUrl } from '../../core/media.ts'
import type { FilePart, ImagePart, Message, Part } from '../../core/request.ts'
import { readState, type ModelState } from '../../core/state.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { readCitation } from './citations.ts'
import { TOOL_PLAN } from './tool-plan.ts'

/** The conversation of a chat. Throws a 400 for what is no list of messages. */
export function readMessages(messages: JsonValue | undefined): Message[] {
  if (!Array.isArray(messages)) throw invalidRequest("'messages' must be a list of messages.", 'messages')
  return messages.map((message, index) => {
    if (isObject(message) && typeof message['role'] === 'string') return readMessage(message, message['role'])
    throw invalidRequest(`'messages[${index}]' must be an object with a role.`, `messages[${index}]`)
  })
}

function readMessage(message: JsonObject, role: string): Message {
  return { role, parts: readParts(message, role), extras: omit(message, MESSAGE_FIELDS) }
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'tool_calls',
  'tool_plan',
  'tool_call_id',
  'citations',
])

function readParts(message: JsonObject, role: string): Part[] {
  const parts = readContent(message['content'])
  if (role === 'tool') {
    return [{ type: 'tool-result', callId: asString(message['tool_call_id']) ?? '', parts }]
  }
  annotate(parts, message['citations'])
  const plan = asString(message['tool_plan'])
  if (plan) parts.push({ type: 'thinking', text: plan, state: TOOL_PLAN })
  return [...parts, ...asArray(message['tool_calls']).map(readToolCall)]
}

function readContent(content: JsonValue | undefined): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return asArray(content).filter(isObject).map(readBlock)
}

function readBlock(block: JsonObject): Part {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: asString(block['text']) ?? '', ...stateOf(block) }
    case 'thinking':
      return readThinking(block)
    case 'image_url':
      return readImage(block)
    case 'document':
      return readDocument(asObject(block['document']))
    default:
      return { type: 'opaque', dialect: 'cohere', value: block }
  }
}

/** Cohere has no redacted thinking: `data` is ours, for that of other models. */
function readThinking(block: JsonObject): Part {
  const data = asString(block['data'])
  if (data !== undefined) return { type: 'redacted-thinking', state: readState(data, 'cohere').state }
  return { type: 'thinking', text: asString(block['thinking']) ?? '', ...stateOf(block) }
}

/** State of other models, that our answers carry in `signature`. */
function stateOf(block: JsonObject): { state?: ModelState } {
  const signature = asString(block['signature'])
  return signature === undefined ? {} : { state: readState(signature, 'cohere').state }
}

function readImage(block: JsonObject): Part {
  const image = block['image_url']
  const url = asString(image) ?? asString(asObject(image)['url'])
  if (url === undefined) return { type: 'opaque', dialect: 'cohere', value: block }
  const part: ImagePart = { type: 'image', source: readUrl(url) }
  const detail = asString(asObject(image)['detail'])
  if (detail !== undefined) part.detail = detail
  return part
}

/** The members of a document are free: they are handed on as JSON, apart from a text that stands alone. */
function readDocument({ id, data }: JsonObject): Part {
  const { text, ...others } = asObject(data)
  const isPlain = typeof text === 'string' && Object.keys(others).length === 0
  const source = isPlain
    ? { kind: 'text' as const, text }
    : { kind: 'text' as const, text: JSON.stringify(data ?? {}), mediaType: 'application/json' }
  const part: FilePart = { type: 'file', source }
  if (typeof id === 'string') part.name = id
  return part
}

function readToolCall(call: unknown): Part {
  const { id, function: called, ...others } = asObject(call)
  const { name, arguments: text } = asObject(called)
  return {
    type: 'tool-call',
    id: asString(id) ?? '',
    name: asString(name) ?? '',
    arguments: asString(text) ?? '',
    ...stateOf(others),
  }
}

/** Citations belong to one of the content blocks; the first text when they do not say which. */
function annotate(parts: readonly Part[], citations: JsonValue | undefined): void {
  for (const citation of asArray(citations).filter(isObject)) {
    const index = citation['content_index']
    const chosen = typeof index === 'number' ? parts[index] : undefined
    const part = chosen?.type === 'text' ? chosen : parts.find(({ type }) => type === 'text')
    if (part?.type === 'text') part.annotations = [...(part.annotations ?? []), readCitation(citation)]
  }
}
