import { asArray, asObject, isObject, type JsonObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import {
  argumentsText,
  bodyOf,
  closeCalls,
  eventsOf,
  nothing,
  numberOf,
  textOf,
  type OpenCall,
  type Said,
} from './reply.ts'

/** What an answer of `/v1/messages` says. */
export function readAnthropic(recording: Recording): Said {
  return readAnthropicEvents(recording.isStream ? eventsOf(recording) : wholeEvents(bodyOf(recording)))
}

/** The same of events, which Bedrock wraps otherwise. */
export function readAnthropicEvents(events: readonly JsonObject[]): Said {
  const said = nothing()
  const calls = new Map<unknown, OpenCall>()
  for (const event of events) {
    switch (event['type']) {
      case 'message_start':
        readUsage(said, asObject(asObject(event['message'])['usage']))
        break
      case 'content_block_start':
        readBlock(said, calls, event)
        break
      case 'content_block_delta': {
        const delta = asObject(event['delta'])
        said.text += textOf(delta['text'])
        said.thinking += textOf(delta['thinking'])
        const call = calls.get(event['index'])
        if (call) call.json += textOf(delta['partial_json'])
        break
      }
      case 'message_delta':
        readEnd(said, asObject(event['delta']))
        readUsage(said, asObject(event['usage']))
        break
      case 'error':
        said.error = textOf(asObject(event['error'])['message'])
        break
    }
  }
  said.calls = closeCalls([...calls.values()])
  said.finish = FINISHES[said.finish] ?? said.finish
  return said
}

function readBlock(
  said: Said,
  calls: Map<unknown, OpenCall>,
  { index, content_block: block }: JsonObject,
): void {
  const { type, text, thinking, name, input } = asObject(block)
  if (type === 'text') said.text += textOf(text)
  if (type === 'thinking') said.thinking += textOf(thinking)
  if (type !== 'tool_use') return
  const isEmpty = isObject(input) && Object.keys(input).length === 0
  calls.set(index, { name: textOf(name), json: isEmpty ? '' : argumentsText(input) })
}

function readEnd(said: Said, { stop_reason: reason, stop_details: details }: JsonObject): void {
  said.finish = textOf(reason)
  const explanation = textOf(asObject(details)['explanation'])
  if (explanation !== '') said.explanation = explanation
}

/** A whole message as the events of a stream. */
export function wholeEvents(message: JsonObject): JsonObject[] {
  const blocks = asArray(message['content']).filter(isObject)
  return [
    { type: 'message_start', message: { usage: message['usage'] ?? {} } },
    ...blocks.map((block, index) => ({ type: 'content_block_start', index, content_block: block })),
    { type: 'message_delta', delta: message },
  ]
}

const FINISHES: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

/** Of a stream the last count holds, and counts of the prompt may be left out of it. */
const prompts = new WeakMap<Said, { input: number; read: number; written: number }>()

function readUsage(said: Said, counts: JsonObject): void {
  const { usage } = said
  const before = prompts.get(said) ?? { input: 0, read: 0, written: 0 }
  const prompt = {
    input: numberOf(counts['input_tokens']) || before.input,
    read: numberOf(counts['cache_read_input_tokens']) || before.read,
    written: numberOf(counts['cache_creation_input_tokens']) || before.written,
  }
  prompts.set(said, prompt)
  usage.input = prompt.input + prompt.read + prompt.written
  usage.cacheRead = prompt.read
  usage.cacheWrite = prompt.written
  usage.output = numberOf(counts['output_tokens']) || usage.output
  usage.reasoning = numberOf(asObject(counts['output_tokens_details'])['thinking_tokens']) || usage.reasoning
}
