import type { WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { budgetOf, effortOf, wantsThinking } from '../../core/reasoning.ts'
import type { ChatRequest, Reasoning, ResponseFormat, Tool, ToolChoice } from '../../core/request.ts'
import { PromptWriter, cacheOptions } from './write-prompt.ts'

/** A canonical chat as the call options of a language model. */
export function writeChat(request: ChatRequest): WrittenRequest {
  const dropped = LACKING.filter((field) => request[field] !== undefined).map(String)
  if (request.candidates !== undefined && request.candidates !== 1) dropped.push('candidates')
  const prompt = new PromptWriter(dropped).write(request.messages)
  const options: JsonObject = { prompt, ...writeSettings(request) }
  const { tools, toolChoice, responseFormat, reasoning } = request
  if (tools) options['tools'] = tools.flatMap((tool) => writeTool(tool, dropped))
  if (toolChoice) options['toolChoice'] = writeToolChoice(toolChoice, dropped)
  if (responseFormat) options['responseFormat'] = writeResponseFormat(responseFormat)
  if (reasoning) options['providerOptions'] = writeReasoning(reasoning)
  return { body: JSON.stringify(options), dropped: [...new Set(dropped), ...Object.keys(request.extras)] }
}

/** What the specification has no place for. */
const LACKING = [
  'logitBias',
  'logprobs',
  'parallelToolCalls',
  'endUser',
  'cache',
] as const satisfies readonly (keyof ChatRequest)[]

function writeSettings(request: ChatRequest): JsonObject {
  const { temperature, topP, topK, maxTokens, stop, seed, presencePenalty, frequencyPenalty } = request
  const settings: Record<string, JsonValue | undefined> = {
    // A default of the client's dialect is no wish of the client's: models that take none would refuse it.
    temperature: request.temperatureIsDefault ? undefined : temperature,
    topP,
    topK,
    maxOutputTokens: maxTokens,
    stopSequences: stop,
    seed,
    presencePenalty,
    frequencyPenalty,
  }
  const written: JsonObject = {}
  for (const [name, value] of Object.entries(settings)) if (value !== undefined) written[name] = value
  return written
}

function writeTool(tool: Tool, dropped: string[]): JsonObject[] {
  if (tool.type === 'hosted') {
    if (tool.dialect === 'ai-sdk') return [tool.value]
    dropped.push('tools')
    return []
  }
  const { name, description, parameters, strict, cache, extras } = tool
  if (extras && Object.keys(extras).length > 0) dropped.push('tools.extras')
  return [
    {
      type: 'function',
      name,
      ...(description === undefined ? {} : { description }),
      inputSchema: parameters,
      ...(strict === undefined ? {} : { strict }),
      ...cacheOptions(cache),
    },
  ]
}

function writeToolChoice(choice: ToolChoice, dropped: string[]): JsonObject {
  if (choice.type === 'tool') return { type: 'tool', toolName: choice.name }
  if (choice.type !== 'none' && choice.names) dropped.push('toolChoice.names')
  return { type: choice.type }
}

function writeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type }
  const { schema, name, description } = format
  return {
    type: 'json',
    schema,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  }
}

/** How much to think has no common word before version 4; each package reads its own key and no other. */
function writeReasoning(reasoning: Reasoning): JsonObject {
  const budget = budgetOf(reasoning)
  const effort = effortOf(reasoning)
  const includeThoughts = wantsThinking(reasoning) && reasoning.shows !== 'nothing'
  return {
    ...(effort === undefined ? {} : { openai: { reasoningEffort: effort } }),
    anthropic: { thinking: writeThinking(reasoning, budget) },
    google: {
      thinkingConfig: { ...(budget === undefined ? {} : { thinkingBudget: budget }), includeThoughts },
    },
  }
}

function writeThinking(reasoning: Reasoning, budget: number | undefined): JsonObject {
  if (!wantsThinking(reasoning)) return { type: 'disabled' }
  return budget === undefined ? { type: 'adaptive' } : { type: 'enabled', budgetTokens: budget }
}
