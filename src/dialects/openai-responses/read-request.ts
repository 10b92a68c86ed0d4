import { asArray, asNumber, asObject, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import { asEffort } from '../../core/reasoning.ts'
import type { ChatRequest, Message, Reasoning } from '../../core/request.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { DIALECT } from './dialect-name.ts'
import { readInput, untranslatable } from './read-items.ts'
import { readFormat, readToolChoice, readTools } from './read-tools.ts'

/** The fields that have a place of their own in the canonical request, or ask for what is so anyway. */
const FIELDS: ReadonlySet<string> = new Set([
  'background',
  'conversation',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'model',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'reasoning',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
])

/**
 * The body of `POST /v1/responses` in the canonical form. Throws a 422 for what only the provider's memory can serve.
 * Spec: https://platform.openai.com/docs/api-reference/responses/create
 */
export function readRequest(json: JsonObject): ChatRequest {
  checkStateless(json)
  const request: ChatRequest = {
    messages: readMessages(json),
    stream: json['stream'] === true,
    extras: readExtras(json),
    extrasDialect: DIALECT,
  }
  readSampling(json, request)
  readOutput(json, request)
  if (Array.isArray(json['tools'])) request.tools = readTools(json['tools'])
  const choice = readToolChoice(json['tool_choice'])
  if (choice) request.toolChoice = choice
  if (typeof json['parallel_tool_calls'] === 'boolean')
    request.parallelToolCalls = json['parallel_tool_calls']
  return request
}

function checkStateless(json: JsonObject): void {
  const needs: Readonly<Record<string, string>> = {
    previous_response_id: 'refers to an answer that only the provider keeps',
    conversation: 'refers to a conversation that only the provider keeps',
    prompt: 'refers to a prompt that only the provider keeps',
  }
  for (const [field, reason] of Object.entries(needs)) {
    if ((json[field] ?? null) !== null) throw untranslatable(field, reason)
  }
  if (json['background'] === true)
    throw untranslatable('background', 'asks for an answer to be fetched later')
}

function readMessages(json: JsonObject): Message[] {
  const { instructions } = json
  const messages = readInput(json['input'])
  if (typeof instructions !== 'string') return messages
  return [{ role: 'system', parts: [{ type: 'text', text: instructions }], extras: {} }, ...messages]
}

/** What is left: sent on as it is to providers that know it, named in `dropped` by others. */
function readExtras(json: JsonObject): JsonObject {
  const extras = omit(json, FIELDS)
  for (const name of Object.keys(extras)) if (extras[name] === null) delete extras[name]
  const include = asArray(json['include']).filter((name) => name !== ENCRYPTED && name !== LOGPROBS)
  const texts = include.filter((name) => typeof name === 'string')
  if (texts.length > 0) extras['include'] = texts
  const choice = json['tool_choice']
  if (isObject(choice) && !readToolChoice(choice)) extras['tool_choice'] = choice
  const verbosity = asString(asObject(json['text'])['verbosity'])
  if (verbosity !== undefined) extras['verbosity'] = verbosity
  if (json['truncation'] === 'auto') extras['truncation'] = 'auto'
  // Answers are not kept unless that is asked for.
  if (json['store'] === true) extras['store'] = true
  return extras
}

export const ENCRYPTED = 'reasoning.encrypted_content'
export const LOGPROBS = 'message.output_text.logprobs'

function readSampling(json: JsonObject, request: ChatRequest): void {
  const temperature = asNumber(json['temperature'])
  const topP = asNumber(json['top_p'])
  const maxTokens = asNumber(json['max_output_tokens'])
  const alternatives = asNumber(json['top_logprobs']) ?? 0
  if (temperature !== undefined) request.temperature = temperature
  if (topP !== undefined) request.topP = topP
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  if (alternatives > 0 || asArray(json['include']).includes(LOGPROBS)) request.logprobs = { alternatives }
}

function readOutput(json: JsonObject, request: ChatRequest): void {
  const format = readFormat(asObject(json['text'])['format'])
  const reasoning = readReasoning(json['reasoning'])
  const user = asString(json['user'])
  if (format) request.responseFormat = format
  if (reasoning) request.reasoning = reasoning
  if (user !== undefined) request.endUser = user
}

function readReasoning(value: unknown): Reasoning | undefined {
  const json = asObject(value)
  const reasoning: Reasoning = {}
  if ((json['effort'] ?? null) !== null) {
    const effort = asEffort(json['effort'])
    if (!effort) throw invalidRequest("'reasoning.effort' is none of the known efforts.", 'reasoning.effort')
    reasoning.effort = effort
  }
  const summary = asString(json['summary']) ?? asString(json['generate_summary'])
  if (summary !== undefined) Object.assign(reasoning, { shows: 'summary', summary })
  return Object.keys(reasoning).length > 0 ? reasoning : undefined
}

/** The client's words for canonical fields, for errors and dropped fields. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  candidates: 'n',
  endUser: 'user',
  logprobs: 'top_logprobs',
  maxTokens: 'max_output_tokens',
  messages: 'input',
  'messages.phase': 'input.phase',
  'messages.thinking': 'input.reasoning',
  parallelToolCalls: 'parallel_tool_calls',
  responseFormat: 'text.format',
  toolChoice: 'tool_choice',
  topP: 'top_p',
  verbosity: 'text.verbosity',
}
