import { expect } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import type { ChatRequest, Message, Part, ToolCallPart } from '../../src/core/request.ts'
import { writeChat } from '../../src/dialects/anthropic/write-request.ts'

export function says(role: string, ...parts: (string | Part)[]): Message {
  return {
    role,
    parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
    extras: {},
  }
}

export function answers(callId: string, ...parts: (string | Part)[]): Message {
  return says('tool', { type: 'tool-result', callId, parts: says('tool', ...parts).parts })
}

export function calls(id: string, name: string, text: string): ToolCallPart {
  return { type: 'tool-call', id, name, arguments: text }
}

export function chat(fields: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [says('user', 'Hi')], stream: false, extras: {}, ...fields }
}

export function write(fields: Partial<ChatRequest>, model: string | null = 'claude-3-haiku'): JsonObject {
  const body: JsonObject = JSON.parse(writeChat(chat(fields), { model }).body)
  return body
}

export function write422(message: string, parameter: string): unknown {
  return expect.objectContaining({ message, parameter, kind: 'bad_request', status: 422 })
}
