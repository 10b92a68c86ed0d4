import { asArray, asObject, asString, isObject, type JsonObject } from '../../../src/core/json.ts'
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

/** What an answer of `/chat/completions` says, as OpenAI and the servers that call themselves compatible give it. */
export function readOpenAiChat(recording: Recording): Said {
  const said = nothing()
  const calls = new Map<string, OpenCall>()
  for (const chunk of recording.isStream ? eventsOf(recording) : [bodyOf(recording)]) {
    if (chunk['error'] !== undefined) said.error = textOf(asObject(chunk['error'])['message'])
    readUsage(said, asObject(chunk['usage'] ?? asObject(chunk['x_groq'])['usage']))
    const choice = asArray(chunk['choices']).find((choice) => numberOf(asObject(choice)['index']) === 0)
    if (isObject(choice)) readChoice(said, calls, choice)
  }
  said.calls = closeCalls([...calls.values()])
  said.finish = finishOf(said)
  return said
}

function readChoice(said: Said, calls: Map<string, OpenCall>, choice: JsonObject): void {
  const message = asObject(choice['delta'] ?? choice['message'] ?? { content: choice['text'] ?? null })
  if (typeof message['content'] === 'string') said.text += message['content']
  for (const part of asArray(message['content']).filter(isObject)) readPart(said, part)
  said.thinking += textOf(message['reasoning_content']) || textOf(message['reasoning']) || detailsOf(message)
  said.refusal += textOf(message['refusal'])
  const { function_call: legacy } = message
  if (isObject(legacy) && (calls.has('legacy') || textOf(legacy['name']) !== '')) {
    addCall(calls, 'legacy', { function: legacy })
  }
  for (const [position, call] of asArray(message['tool_calls']).entries()) {
    if (isObject(call)) addCall(calls, keyOf(call) ?? String(position), call)
  }
  if (typeof choice['finish_reason'] === 'string') said.finish = choice['finish_reason']
}

/** Where thinking stands in a list only. */
function detailsOf(message: JsonObject): string {
  const details = asArray(message['reasoning_details']).map(asObject)
  return details.map(({ text, summary }) => textOf(text) || textOf(summary)).join('')
}

/** Magistral thinks in a part of the content. */
function readPart(said: Said, part: JsonObject): void {
  if (part['type'] === 'text') said.text += textOf(part['text'])
  if (part['type'] !== 'thinking') return
  for (const piece of asArray(part['thinking'])) said.thinking += textOf(asObject(piece)['text'])
}

/** By which the pieces of a call are known. */
function keyOf({ index, id }: JsonObject): string | undefined {
  return typeof index === 'number' ? String(index) : asString(id)
}

function addCall(calls: Map<string, OpenCall>, key: string, call: JsonObject): void {
  const { name, arguments: json } = asObject(call['function'])
  const open = calls.get(key) ?? { name: '', json: '' }
  open.name += textOf(name)
  if (json !== undefined && json !== null) open.json += argumentsText(json)
  calls.set(key, open)
}

const FINISHES: Readonly<Record<string, string>> = {
  eos: 'stop',
  eos_token: 'stop',
  tool_call: 'tool_calls',
  function_call: 'tool_calls',
}

/** A finish of `stop`, or none, beside calls means the calls: their results are what the model waits for. */
function finishOf({ finish, calls }: Said): string {
  const reason = FINISHES[finish] ?? finish
  return (reason === 'stop' || reason === '') && calls.length > 0 ? 'tool_calls' : reason
}

function readUsage({ usage }: Said, counts: JsonObject): void {
  const inputDetails = asObject(counts['prompt_tokens_details'])
  const outputDetails = asObject(counts['completion_tokens_details'])
  if (counts['prompt_tokens'] !== undefined) usage.input = numberOf(counts['prompt_tokens'])
  if (counts['completion_tokens'] !== undefined) usage.output = numberOf(counts['completion_tokens'])
  usage.cacheRead =
    numberOf(inputDetails['cached_tokens'] ?? counts['prompt_cache_hit_tokens']) || usage.cacheRead
  usage.reasoning = numberOf(outputDetails['reasoning_tokens']) || usage.reasoning
  // xAI counts thinking beside the answer; its total tells.
  const { prompt_tokens: prompt, completion_tokens: answer, total_tokens: total } = counts
  if (usage.reasoning > 0 && total === numberOf(prompt) + numberOf(answer) + usage.reasoning) {
    usage.output = numberOf(answer) + usage.reasoning
  }
}
