import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { writeUrl } from '../../core/media.ts'
import type { ChatRequest, FunctionTool, Message, Part, Tool, ToolChoice } from '../../core/request.ts'
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
  body['messages'] = request.messages.flatMap(writeMessage)
  return { body: JSON.stringify({ ...request.extras, ...body }), dropped: [] }
}

/** `model`, where the body names it. */
export function modelMember({ model, omitsModel = false }: TargetModel): JsonObject {
  return model === null || omitsModel ? {} : { model }
}

function writeTool(tool: Tool): JsonObject {
  return tool.type === 'hosted' ? tool.value : writeFunction(tool)
}

function writeFunction({ name, description, parameters, strict, extras }: FunctionTool): JsonObject {
  const more: JsonObject = { ...extras }
  if (strict !== undefined) more['strict'] = strict
  return {
    type: 'function',
    function: { name, ...(description === undefined ? {} : { description }), parameters, ...more },
  }
}

function writeToolChoice(choice: ToolChoice): JsonValue {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.type
}

function writeMessage(message: Message): JsonObject[] {
  const results = message.parts.filter((part) => part.type === 'tool-result')
  const written = results.map(({ callId, parts }): JsonObject => ({
    ...message.extras,
    role: 'tool',
    content: writeContent(parts, false),
    ...(callId === '' ? {} : { tool_call_id: callId }),
  }))
  const rest = message.parts.filter((part) => part.type !== 'tool-result')
  if (rest.length > 0 || results.length === 0) written.push(writeTurn({ ...message, parts: rest }))
  return written
}

function writeTurn(message: Message): JsonObject {
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
  return written
}

/** A single text is written as a plain string: every compatible server reads that, not all read lists. */
function writeContent(parts: readonly Part[], hasCalls: boolean): JsonValue {
  const [only] = parts
  if (only === undefined) return hasCalls ? null : ''
  if (parts.length === 1 && only.type === 'text') return only.text
  return parts.flatMap(writePart)
}

function writePart(part: Part): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }]
    case 'image': {
      const { detail } = part
      const url = writeUrl(part.source) ?? ''
      return [{ type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } }]
    }
    case 'opaque':
      return [part.value]
    default:
      return []
  }
}
