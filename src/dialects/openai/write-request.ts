import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, EmbeddingsRequest, Message, Part, Tool, ToolChoice } from '../../core/request.ts'
import { isReasoningModel } from './reasoning-models.ts'

/** A canonical chat as the body of `POST /v1/chat/completions`. Nothing is dropped: the canonical form is no wider. */
export function writeChat(request: ChatRequest, target: TargetModel): WrittenRequest {
  const body = modelMember(target)
  const reasons = isReasoningModel(target.model)
  if (request.temperature !== undefined && !(reasons && request.temperatureIsDefault)) {
    body['temperature'] = request.temperature
  }
  if (request.topP !== undefined) body['top_p'] = request.topP
  if (request.stop) body['stop'] = request.stop
  if (request.maxTokens !== undefined)
    body[reasons ? 'max_completion_tokens' : 'max_tokens'] = request.maxTokens
  if (request.stream) body['stream'] = true
  if (request.candidates !== undefined) body['n'] = request.candidates
  if (request.tools) body['tools'] = request.tools.map(writeTool)
  if (request.toolChoice) body['tool_choice'] = writeToolChoice(request.toolChoice)
  body['messages'] = request.messages.map(writeMessage)
  return { body: JSON.stringify({ ...request.extras, ...body }), dropped: [] }
}

/** A canonical embeddings request as the body of `POST /v1/embeddings`. */
export function writeEmbeddings(request: EmbeddingsRequest, target: TargetModel): WrittenRequest {
  const head = modelMember(target)
  return { body: JSON.stringify({ ...request.extras, ...head, input: request.input }), dropped: [] }
}

/** `model`, where the body names it. */
export function modelMember({ model, omitsModel = false }: TargetModel): JsonObject {
  return model === null || omitsModel ? {} : { model }
}

function writeTool({ name, description, parameters, extras }: Tool): JsonObject {
  const text: JsonObject = description === undefined ? {} : { description }
  return { type: 'function', function: { name, ...text, parameters, ...extras } }
}

function writeToolChoice(choice: ToolChoice): JsonValue {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.type
}

function writeMessage(message: Message): JsonObject {
  const written: JsonObject = { ...message.extras, role: message.role }
  const calls = message.parts.filter((part) => part.type === 'tool-call')
  const content = message.parts.filter((part) => part.type !== 'tool-call')
  written['content'] = writeContent(content, calls.length > 0)
  if (calls.length > 0) {
    written['tool_calls'] = calls.map(({ id, name, arguments: text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    }))
  }
  if (message.toolCallId !== undefined) written['tool_call_id'] = message.toolCallId
  return written
}

/** A single text is written as a plain string: every compatible server reads that, not all read lists. */
function writeContent(parts: readonly Part[], hasCalls: boolean): JsonValue {
  const [only] = parts
  if (only === undefined) return hasCalls ? null : ''
  if (parts.length === 1 && only.type === 'text') return only.text
  return parts.map(writePart)
}

function writePart(part: Part): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: part.url, ...(part.detail ? { detail: part.detail } : {}) },
      }
    case 'opaque':
      return part.value
    case 'tool-call':
      return { type: 'text', text: part.arguments }
  }
}
