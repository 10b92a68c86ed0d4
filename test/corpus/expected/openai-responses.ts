import { asArray, asObject, isObject, type JsonObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import { REFUSED_KEY } from './refusal.ts'
import {
  argumentsText,
  bodyOf,
  eventsOf,
  nothing,
  numberOf,
  parseArguments,
  textOf,
  type Said,
} from './reply.ts'

/** What an answer of `/v1/responses` says. Of a stream, the deltas count: the last event may leave the output out. */
export function readOpenAiResponses(recording: Recording): Said {
  if (!recording.isStream) return readResponse(bodyOf(recording))
  const said = nothing()
  for (const event of eventsOf(recording)) readEvent(said, event)
  return said
}

function readEvent(said: Said, event: JsonObject): void {
  const delta = textOf(event['delta'])
  switch (event['type']) {
    case 'response.output_text.delta':
      said.text += delta
      break
    case 'response.refusal.delta':
      said.refusal += delta
      break
    case 'response.reasoning_summary_text.delta':
    case 'response.reasoning_text.delta':
      said.thinking += delta
      break
    case 'response.output_item.done':
      readCall(said, asObject(event['item']))
      break
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
      readEnd(said, asObject(event['response']))
      break
    case 'error':
      said.error = errorOf(event['message'] === undefined ? asObject(event['error']) : event)
      break
  }
}

function readResponse(response: JsonObject): Said {
  const said = nothing()
  for (const item of asArray(response['output']).filter(isObject)) {
    if (item['type'] === 'message') {
      for (const part of asArray(item['content']).filter(isObject)) {
        if (part['type'] === 'output_text') said.text += textOf(part['text'])
        if (part['type'] === 'refusal') said.refusal += textOf(part['refusal'])
      }
    } else if (item['type'] === 'reasoning') {
      for (const part of [...asArray(item['summary']), ...asArray(item['content'])]) {
        said.thinking += textOf(asObject(part)['text'])
      }
    } else readCall(said, item)
  }
  readEnd(said, response)
  return said
}

function readCall(said: Said, item: JsonObject): void {
  if (item['type'] !== 'function_call') return
  said.calls.push({
    name: textOf(item['name']),
    arguments: parseArguments(argumentsText(item['arguments'])),
  })
}

function errorOf({ code, message }: JsonObject): string {
  return code === 'insufficient_quota' ? REFUSED_KEY : textOf(message)
}

function readEnd(said: Said, response: JsonObject): void {
  const reason = asObject(response['incomplete_details'])['reason']
  if (response['status'] === 'incomplete') said.finish = reason === 'content_filter' ? reason : 'length'
  else said.finish = said.calls.length > 0 ? 'tool_calls' : 'stop'
  const error = asObject(response['error'])
  if (response['status'] === 'failed' && said.error === undefined) said.error = errorOf(error)
  const counts = asObject(response['usage'])
  said.usage = {
    input: numberOf(counts['input_tokens']),
    output: numberOf(counts['output_tokens']),
    cacheRead: numberOf(asObject(counts['input_tokens_details'])['cached_tokens']),
    cacheWrite: numberOf(asObject(counts['input_tokens_details'])['cache_write_tokens']),
    reasoning: numberOf(asObject(counts['output_tokens_details'])['reasoning_tokens']),
  }
}
