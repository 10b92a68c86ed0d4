import { asArray, asObject, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { Message, Part, ToolCallPart } from '../../core/request.ts'
import { wrapInput } from '../openai-responses/custom-tools.ts'
import { readContent } from './read-parts.ts'
import { readDetail } from './reasoning-details.ts'
import { readThoughtSignature } from './thought-signature.ts'

const FIELDS: ReadonlySet<string> = new Set(['role', 'content'])
const RESULT_FIELDS: ReadonlySet<string> = new Set([...FIELDS, 'tool_call_id'])
const NAMED_RESULT_FIELDS: ReadonlySet<string> = new Set([...RESULT_FIELDS, 'name'])
const ASSISTANT_FIELDS: ReadonlySet<string> = new Set([
  ...FIELDS,
  'tool_calls',
  'function_call',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'extra_content',
])

/**
 * One entry of OpenAI's `messages`, already known to be an object with a role and content in a shape of OpenAI's.
 * `dialect` is whose its unknown parts are; absent, as for MLflow's clients: anyone's.
 */
export function readMessage(message: JsonObject, dialect?: string): Message {
  const role = asString(message['role']) ?? 'user'
  const content = readContent(message['content'], dialect)
  if (role === 'tool' || role === 'function') return readResult(message, content, dialect)
  const isAssistant = role === 'assistant'
  return {
    role,
    parts: isAssistant ? readAnswer(message, content) : content,
    extras: omit(message, isAssistant ? ASSISTANT_FIELDS : FIELDS),
  }
}

/** A tool's answer. Before there were ids, the function's name told the call. Anyone's name of it stays what it was. */
function readResult(message: JsonObject, parts: Part[], dialect: string | undefined): Message {
  const name = asString(message['name'])
  const callId = asString(message['tool_call_id']) ?? name ?? ''
  return {
    role: 'tool',
    parts: [{ type: 'tool-result', callId, ...(name !== undefined && { name }), parts }],
    extras: omit(message, dialect === undefined ? RESULT_FIELDS : NAMED_RESULT_FIELDS),
  }
}

function readAnswer(message: JsonObject, content: Part[]): Part[] {
  const { refusal, function_call: legacy } = message
  return [
    ...readThinking(message),
    ...withSignature(message, content),
    ...(typeof refusal === 'string' && refusal !== '' ? [{ type: 'refusal' as const, text: refusal }] : []),
    ...asArray(message['tool_calls']).filter(isObject).map(readToolCall),
    ...(isObject(legacy) ? [readFunctionCall(legacy)] : []),
  ]
}

/** What signs the details may stand beside a text that was sent apart from them. */
function readThinking(message: JsonObject): Part[] {
  const parts = asArray(message['reasoning_details'])
    .filter(isObject)
    .flatMap((detail) => readDetail(detail) ?? [])
  const text = asString(message['reasoning_content']) || asString(message['reasoning'])
  if (!text || parts.some((part) => part.type === 'thinking' && part.text !== '')) return parts
  const silent = parts.findIndex(({ type }) => type === 'thinking')
  if (silent === -1) return [{ type: 'thinking', text }, ...parts]
  const signed = parts[silent]
  return signed?.type === 'thinking' ? parts.with(silent, { ...signed, text }) : parts
}

/** A signature of the message belongs to its text. */
function withSignature(message: JsonObject, content: Part[]): Part[] {
  const state = readThoughtSignature(message)
  if (!state) return content
  const at = content.findLastIndex(({ type }) => type === 'text')
  const text = content[at]
  return text?.type === 'text'
    ? content.with(at, { ...text, state })
    : [...content, { type: 'text', text: '', state }]
}

function readToolCall(call: JsonObject): ToolCallPart {
  const isCustom = call['type'] === 'custom'
  const called = asObject(call[isCustom ? 'custom' : 'function'])
  const state = readThoughtSignature(call)
  return {
    type: 'tool-call',
    id: asString(call['id']) ?? '',
    name: asString(called['name']) ?? '',
    arguments: isCustom
      ? wrapInput(asString(called['input']) ?? '')
      : (asString(called['arguments']) ?? '{}'),
    ...(state && { state }),
  }
}

/** The call of before there were several: the function's name is its id. */
function readFunctionCall({ name, arguments: text }: JsonObject): ToolCallPart {
  const called = asString(name) ?? ''
  return { type: 'tool-call', id: called, name: called, arguments: asString(text) ?? '{}' }
}
