import type { JsonObject } from '../../core/json.ts'
import { effortOf, wantsThinking } from '../../core/reasoning.ts'
import type { ChatRequest, Effort, Reasoning } from '../../core/request.ts'
import { writeReasoning as writeClaudeReasoning } from '../anthropic/write-reasoning.ts'
import type { Family } from './models.ts'
import { outline, type Turn, type WriteContext } from './write-messages.ts'

/** From OpenAI's 0..2 to Converse's 0..1. */
const TEMPERATURE_SCALE = 0.5

export interface Inference {
  /** `inferenceConfig`. */
  config: JsonObject
  /** `additionalModelRequestFields`: what only some models know. */
  fields: JsonObject
}

/** How the model is to answer, in Converse's words and in the model's own. */
export function writeInference(
  request: ChatRequest,
  turns: readonly Turn[],
  context: WriteContext,
): Inference {
  const { fields, maxTokens, thinks, lacks = NOTHING } = writeReasoning(request, turns, context)
  const { dropped } = context
  const stop = writeStop(request.stop, dropped)
  const limits: JsonObject = {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...writeSampling(request, thinks, context),
    ...(stop.length > 0 ? { stopSequences: stop } : {}),
  }
  for (const name of lacks) {
    if (name in limits) dropped.add(name)
    delete limits[name]
  }
  return { config: limits, fields: { ...fields, ...writeTopK(request.topK, thinks, context) } }
}

const NOTHING: readonly string[] = []

interface WrittenReasoning {
  fields: JsonObject
  maxTokens: number | undefined
  thinks: boolean
  /** What the model takes no more once it thinks. */
  lacks?: readonly string[]
}

function writeReasoning(
  request: ChatRequest,
  turns: readonly Turn[],
  context: WriteContext,
): WrittenReasoning {
  const { reasoning, maxTokens } = request
  const { traits, dropped } = context
  const none = { fields: {}, maxTokens, thinks: false }
  if (!reasoning) return none
  switch (traits.family) {
    case 'claude':
      return forClaude(request, turns, context)
    case 'nova-2':
      return { ...none, ...forNova(reasoning) }
    case 'gpt-oss': {
      const effort = basicEffort(reasoning)
      // It cannot be kept from thinking.
      if (!wantsThinking(reasoning)) dropped.add('reasoning')
      return { ...none, fields: { reasoning_effort: effort } }
    }
    default:
      dropped.add('reasoning')
      return none
  }
}

/** Source: https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
function forClaude(
  request: ChatRequest,
  turns: readonly Turn[],
  { traits, dropped }: WriteContext,
): WrittenReasoning {
  const written = writeClaudeReasoning(request, { traits: traits.claude, turns: outline(turns), dropped })
  const { thinking, effort } = written
  const thinks = thinking !== undefined && thinking['type'] !== 'disabled'
  return {
    fields: {
      ...(thinking ? { thinking } : {}),
      ...(effort === undefined ? {} : { output_config: { effort } }),
    },
    // Thinking needs a bound that it fits in; else Converse knows one.
    maxTokens: thinks ? written.maxTokens : request.maxTokens,
    thinks,
  }
}

/** Source: https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function forNova(reasoning: Reasoning): Pick<WrittenReasoning, 'fields' | 'lacks'> {
  if (!wantsThinking(reasoning)) return { fields: { reasoningConfig: { type: 'disabled' } } }
  const effort = basicEffort(reasoning)
  return {
    fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: effort } },
    lacks: effort === 'high' ? ['maxTokens', 'temperature', 'topP'] : [],
  }
}

function basicEffort(reasoning: Reasoning): 'low' | 'medium' | 'high' {
  const effort: Effort = effortOf(reasoning) ?? 'medium'
  if (effort === 'none' || effort === 'minimal' || effort === 'low') return 'low'
  return effort === 'medium' ? 'medium' : 'high'
}

function writeSampling(request: ChatRequest, thinks: boolean, { traits, dropped }: WriteContext): JsonObject {
  // A temperature that no client chose is left to the model, as MLflow leaves it.
  const { temperatureIsDefault, topP } = request
  const temperature = temperatureIsDefault ? undefined : request.temperature
  const { takesSampling, takesTemperatureWithTopP } = traits.claude
  const written: JsonObject = {}
  const takes = takesSampling && !thinks
  if (temperature !== undefined && takes) written['temperature'] = temperature * TEMPERATURE_SCALE
  else if (temperature !== undefined) dropped.add('temperature')
  const isExcluded = 'temperature' in written && !takesTemperatureWithTopP
  if (topP !== undefined && takes && !isExcluded) written['topP'] = topP
  else if (topP !== undefined) dropped.add('topP')
  return written
}

function writeTopK(topK: number | undefined, thinks: boolean, { traits, dropped }: WriteContext): JsonObject {
  if (topK === undefined) return {}
  const place = TOP_K[traits.family]
  if (place && traits.claude.takesSampling && !thinks) return place(topK)
  dropped.add('topK')
  return {}
}

const TOP_K: Readonly<Partial<Record<Family, (topK: number) => JsonObject>>> = {
  claude: (topK) => ({ top_k: topK }),
  mistral: (topK) => ({ top_k: topK }),
  cohere: (topK) => ({ k: topK }),
  nova: (topK) => ({ inferenceConfig: { topK } }),
  'nova-2': (topK) => ({ inferenceConfig: { topK } }),
}

/** A stop sequence of white space alone is refused. */
function writeStop(stop: readonly string[] = [], dropped: Set<string>): string[] {
  const usable = stop.filter((sequence) => /\S/.test(sequence))
  if (usable.length < stop.length) dropped.add('stop')
  return usable
}
