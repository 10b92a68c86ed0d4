import { asNumber, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { asEffort } from '../../core/reasoning.ts'
import type { ChatRequest, Reasoning } from '../../core/request.ts'
import { readCacheMark } from './read-parts.ts'
import { readFunctions, readResponseFormat, readToolChoice, readTools } from './read-tools.ts'

/** How an option is read from its member; undefined leaves it among the extras. */
type Read = (value: JsonValue | undefined, dialect: string | undefined) => Partial<ChatRequest> | undefined

/** A reader of an option that the canonical request has under another name. */
function as<Name extends keyof ChatRequest>(
  name: Name,
  read: (value: JsonValue | undefined, dialect?: string) => ChatRequest[Name] | undefined,
): Read {
  return (value, dialect) => {
    const option = read(value, dialect)
    return option === undefined ? undefined : { [name]: option }
  }
}

const OPTIONS: Readonly<Record<string, Read>> = {
  functions: as('tools', readFunctions),
  tools: as('tools', readTools),
  function_call: as('toolChoice', readToolChoice),
  tool_choice: as('toolChoice', readToolChoice),
  parallel_tool_calls: as('parallelToolCalls', asBoolean),
  response_format: as('responseFormat', readResponseFormat),
  reasoning: as('reasoning', readReasoning),
  reasoning_effort: (word) => {
    const effort = asEffort(word)
    return effort && { reasoning: { effort } }
  },
  temperature: as('temperature', asNumber),
  max_tokens: as('maxTokens', asNumber),
  // The newer name counts when both are given.
  max_completion_tokens: as('maxTokens', asNumber),
  stop: as('stop', readStop),
  n: as('candidates', asNumber),
  top_p: as('topP', asNumber),
  top_k: as('topK', asNumber),
  seed: as('seed', asNumber),
  presence_penalty: as('presencePenalty', asNumber),
  frequency_penalty: as('frequencyPenalty', asNumber),
  logit_bias: as('logitBias', readBias),
  user: as('endUser', asString),
  cache_control: as('cache', readCacheMark),
}

/**
 * Moves the options of a chat from a request's extras to their places. What cannot be read stays among the extras and goes
 * to the provider as it came.
 */
export function readOptions(request: ChatRequest): void {
  const { extras, extrasDialect } = request
  for (const [name, read] of Object.entries(OPTIONS)) {
    const option = read(extras[name], extrasDialect)
    if (!option) continue
    Object.assign(request, option)
    delete extras[name]
  }
  readLogprobs(request)
}

/**
 * OpenRouter's `reasoning`.
 * Spec: https://openrouter.ai/docs/use-cases/reasoning-tokens#controlling-reasoning-tokens
 */
function readReasoning(value: JsonValue | undefined): Reasoning | undefined {
  if (!isObject(value)) return undefined
  const effort = asEffort(value['effort']) ?? (value['enabled'] === false ? 'none' : undefined)
  const budgetTokens = asNumber(value['max_tokens'])
  const reasoning: Reasoning = {
    ...(effort !== undefined && { effort }),
    ...(budgetTokens !== undefined && { budgetTokens }),
    ...(value['enabled'] === true &&
      effort === undefined &&
      budgetTokens === undefined && { isAdaptive: true }),
    ...(value['exclude'] === true && { shows: 'nothing' }),
  }
  return Object.keys(reasoning).length === 0 ? undefined : reasoning
}

function readStop(stop: JsonValue | undefined): string[] | undefined {
  const words = typeof stop === 'string' ? [stop] : stop
  if (!Array.isArray(words)) return undefined
  const texts = words.filter((word) => typeof word === 'string')
  return texts.length === words.length && texts.length > 0 ? texts : undefined
}

function asBoolean(value: JsonValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function readBias(bias: JsonValue | undefined): Record<string, number> | undefined {
  if (!isObject(bias)) return undefined
  const entries = Object.entries(bias)
  const numbers = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return numbers.length === entries.length ? Object.fromEntries(numbers) : undefined
}

/** A chat's `logprobs` is a switch, and `top_logprobs` the number; a completion's is the number itself. */
function readLogprobs(request: ChatRequest): void {
  const { extras } = request
  const { logprobs, top_logprobs: top }: JsonObject = extras
  if (logprobs === true) request.logprobs = { alternatives: asNumber(top) ?? 0 }
  else if (typeof logprobs === 'number') request.logprobs = { alternatives: logprobs }
  else if (logprobs !== false) return
  delete extras['logprobs']
  delete extras['top_logprobs']
}
