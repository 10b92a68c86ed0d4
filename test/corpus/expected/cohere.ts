import { asArray, asObject, isObject, type JsonObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import { bodyOf, closeCalls, eventsOf, nothing, numberOf, textOf, type OpenCall, type Said } from './reply.ts'

/** What an answer of Cohere's `/v2/chat` says. Its plan for tools is thinking. */
export function readCohere(recording: Recording): Said {
  return recording.isStream ? readStream(recording) : readWhole(bodyOf(recording))
}

function readWhole({ message, finish_reason: finish, usage }: JsonObject): Said {
  const said = nothing()
  const { content, tool_plan: plan, tool_calls: calls } = asObject(message)
  said.thinking += textOf(plan)
  for (const part of asArray(content).filter(isObject)) readContent(said, part)
  said.calls = closeCalls(asArray(calls).filter(isObject).map(openCall))
  readEnd(said, { finish, usage })
  return said
}

function readStream(recording: Recording): Said {
  const said = nothing()
  const calls = new Map<unknown, OpenCall>()
  for (const { type, index, delta } of eventsOf(recording)) {
    const { message, finish_reason: finish, usage } = asObject(delta)
    const { content, tool_plan: plan, tool_calls: call } = asObject(message)
    if (type === 'content-start' || type === 'content-delta') readContent(said, asObject(content))
    if (type === 'tool-plan-delta') said.thinking += textOf(plan)
    if (type === 'tool-call-start') calls.set(index, openCall(asObject(call)))
    if (type === 'tool-call-delta') {
      const open = calls.get(index)
      if (open) open.json += textOf(asObject(asObject(call)['function'])['arguments'])
    }
    if (type === 'message-end') readEnd(said, { finish, usage })
  }
  said.calls = closeCalls([...calls.values()])
  return said
}

function readContent(said: Said, part: JsonObject): void {
  said.text += textOf(part['text'])
  said.thinking += textOf(part['thinking'])
}

function openCall(call: JsonObject): OpenCall {
  const { name, arguments: json } = asObject(call['function'])
  return { name: textOf(name), json: textOf(json) }
}

const FINISHES: Readonly<Record<string, string>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
}

function readEnd(said: Said, { finish, usage }: { finish: unknown; usage: unknown }): void {
  said.finish = FINISHES[textOf(finish)] ?? textOf(finish)
  const { tokens, cached_tokens: cached } = asObject(usage)
  const counts = asObject(tokens)
  said.usage.input = numberOf(counts['input_tokens']) + numberOf(counts['image_tokens'])
  said.usage.output = numberOf(counts['output_tokens'])
  said.usage.cacheRead = numberOf(cached)
  said.usage.reasoning = numberOf(counts['reasoning_tokens'])
}
