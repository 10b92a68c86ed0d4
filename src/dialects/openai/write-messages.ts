import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { Message, Part, ToolCallPart, ToolResultPart } from '../../core/request.ts'
import { unwrapInput } from '../openai-responses/custom-tools.ts'
import { DIALECT } from './dialect-name.ts'
import { writeDetail } from './reasoning-details.ts'
import { ownThoughtSignature } from './thought-signature.ts'
import { writePart } from './write-parts.ts'
import type { Writing } from './writing.ts'

/**
 * Canonical messages as OpenAI's. Results of tools become messages of their own, in front of what the user says beside
 * them. They hold only text, so pictures in them follow as the user's, behind the last result: nothing may stand between.
 */
export function writeMessages(messages: readonly Message[], writing: Writing): JsonObject[] {
  const written: JsonObject[] = []
  let media: Part[] = []
  for (const message of messages) {
    const results = message.parts.filter((part) => part.type === 'tool-result')
    if (media.length > 0 && results.length === 0) {
      written.push(writeMessage({ role: 'user', parts: media, extras: {} }, writing))
      media = []
    }
    for (const result of results) {
      written.push({ ...ownExtras(message, writing), ...writeResult(result, writing) })
      media.push(...result.parts.filter(({ type }) => type !== 'text'))
    }
    const parts = message.parts.filter((part) => part.type !== 'tool-result')
    if (results.length === 0) written.push(writeMessage({ ...message, parts }, writing))
    else if (parts.length > 0) {
      written.push(writeMessage({ role: 'user', parts: [...media, ...parts], extras: {} }, writing))
      media = []
    }
  }
  if (media.length > 0) written.push(writeMessage({ role: 'user', parts: media, extras: {} }, writing))
  return written
}

function writeResult(result: ToolResultPart, { dropped, namesResults }: Writing): JsonObject {
  const { callId, name, parts, isError, cache } = result
  if (isError) dropped.add('messages.isError')
  if (cache) dropped.add('cache')
  const texts = parts.filter((part) => part.type === 'text')
  if (texts.length < parts.length) dropped.add('messages.toolResult.parts')
  return {
    role: 'tool',
    content: writeContent(
      texts.map(({ text }) => ({ type: 'text', text })),
      '',
    ),
    ...(callId !== '' && { tool_call_id: callId }),
    ...(namesResults && name !== undefined && { name }),
  }
}

function writeMessage(message: Message, writing: Writing): JsonObject {
  const { role, parts } = message
  const written: JsonObject = { ...ownExtras(message, writing), role }
  if (role !== 'assistant') {
    written['content'] = writeContent(writeParts(parts, writing), '')
    return written
  }
  const calls = parts.filter((part) => part.type === 'tool-call')
  const spoken = parts.filter(({ type }) => type !== 'image' && type !== 'audio' && type !== 'file')
  if (spoken.length < parts.length) writing.dropped.add('messages.media')
  written['content'] = writeContent(writeParts(spoken, writing), calls.length > 0 ? null : '')
  Object.assign(written, writeThinking(parts, writing), writeSignature(parts, writing))
  if (calls.length > 0) written['tool_calls'] = calls.map((call) => writeCall(call, writing))
  return written
}

function ownExtras({ extras }: Message, { isOwn, dropped }: Writing): JsonObject {
  if (isOwn) return extras
  for (const name of Object.keys(extras)) dropped.add(`messages.${name}`)
  return {}
}

function writeParts(parts: readonly Part[], writing: Writing): JsonObject[] {
  return parts.map((part) => writePart(part, writing)).filter((part) => part !== undefined)
}

/** A single text is written as a plain string: every compatible server reads that, not all read lists. */
function writeContent(parts: readonly JsonObject[], nothing: '' | null): JsonValue {
  const [only] = parts
  if (only === undefined) return nothing
  const isPlain = parts.length === 1 && only['type'] === 'text' && Object.keys(only).length === 2
  return isPlain && typeof only['text'] === 'string' ? only['text'] : [...parts]
}

/** Thinking goes back to who can read it: signed, to its own kind; unsigned, to servers with a member for it. */
function writeThinking(parts: readonly Part[], { dropped, thinkingName }: Writing): JsonObject {
  const details: JsonObject[] = []
  let plain = ''
  for (const part of parts) {
    if (part.type === 'redacted-thinking' && part.state.dialect === DIALECT) {
      details.push(writeDetail({ state: part.state, isRedacted: true }, details.length))
    } else if (part.type === 'thinking' && part.state?.dialect === DIALECT) {
      details.push(writeDetail({ text: part.text, state: part.state }, details.length))
    } else if (part.type === 'thinking' && thinkingName && !part.state) {
      plain += part.text
    } else if (part.type === 'thinking' || part.type === 'redacted-thinking') {
      dropped.add('messages.thinking')
    }
  }
  return {
    ...(thinkingName && plain !== '' && { [thinkingName]: plain }),
    ...(details.length > 0 && { reasoning_details: details }),
  }
}

function writeSignature(parts: readonly Part[], writing: Writing): JsonObject | undefined {
  const text = parts.findLast((part) => part.type === 'text' && part.state)
  return text?.type === 'text' ? ownSignature(text, writing) : undefined
}

function writeCall(call: ToolCallPart, writing: Writing): JsonObject {
  if (call.cache) writing.dropped.add('cache')
  const { id, name, arguments: text } = call
  return {
    id,
    ...(writing.custom.has(name)
      ? { type: 'custom', custom: { name, input: unwrapInput(text) } }
      : { type: 'function', function: { name, arguments: text } }),
    ...ownSignature(call, writing),
  }
}

function ownSignature(
  { state }: Pick<ToolCallPart, 'state'>,
  { dropped, takesThoughtSignatures }: Writing,
): JsonObject | undefined {
  const own = state && takesThoughtSignatures ? ownThoughtSignature(state) : undefined
  if (state && !own) dropped.add('messages.signature')
  return own
}
