import { budgetOf, effortOf } from '../../core/reasoning.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Reasoning } from '../../core/request.ts'
import { generationOf } from './models.ts'

/**
 * A `thinkingConfig`: the third generation of models takes a level, those of 2.5 a budget, older ones nothing. What a
 * model does not take is brought to the nearest that it does, and named in `dropped`.
 * Source: https://ai.google.dev/gemini-api/docs/thinking
 */
export function writeThinking(
  reasoning: Reasoning,
  model: string | null,
  dropped: Set<string>,
): JsonObject | undefined {
  const generation = generationOf(model)
  if (generation !== undefined && generation < 2.5) {
    dropped.add('reasoning')
    return undefined
  }
  const write = generation === undefined ? writeAmount : generation < 3 ? writeBudget : writeLevel
  const { config, isExact } = write(reasoning, model ?? '')
  if (!isExact) dropped.add(reasoning.effort === undefined ? 'reasoning.budgetTokens' : 'reasoning.effort')
  const { shows } = reasoning
  if (shows !== undefined) config['includeThoughts'] = shows !== 'nothing'
  return Object.keys(config).length > 0 ? config : undefined
}

interface Written {
  config: JsonObject
  /** Whether the model does as was asked. */
  isExact: boolean
}

const ADAPTIVE = -1

/** For a model of which the name says nothing, as the client said it: by level or by budget. */
function writeAmount(reasoning: Reasoning): Written {
  const { effort, budgetTokens, isAdaptive } = reasoning
  if (budgetTokens !== undefined) return { config: { thinkingBudget: budgetTokens }, isExact: true }
  if (effort === 'none') return { config: { thinkingBudget: 0 }, isExact: true }
  if (effort !== undefined) return writeLevel(reasoning, '')
  return { config: isAdaptive ? { thinkingBudget: ADAPTIVE } : {}, isExact: true }
}

/** A client's own budget is still taken, but not beside a level. Left alone, the model decides itself. */
function writeLevel(reasoning: Reasoning, model: string): Written {
  const { effort, budgetTokens = 0 } = reasoning
  if (effort === undefined && budgetTokens > 0)
    return { config: { thinkingBudget: budgetTokens }, isExact: true }
  const wanted = effortOf(reasoning)
  if (wanted === undefined) return { config: {}, isExact: true }
  const isLow = wanted === 'none' || wanted === 'minimal'
  const isHigh = wanted === 'xhigh' || wanted === 'max'
  // Pro always thinks, and no model of this generation can be kept from it altogether.
  const lowest = model.includes('-pro') ? 'low' : 'minimal'
  const level = isLow ? lowest : isHigh ? 'high' : wanted
  return { config: { thinkingLevel: level.toUpperCase() }, isExact: level === wanted }
}

function writeBudget(reasoning: Reasoning, model: string): Written {
  const wanted = budgetOf(reasoning)
  if (wanted === undefined) return writeAmount(reasoning)
  const { least, most } = rangeOf(model, wanted)
  const thinkingBudget = Math.min(Math.max(wanted, least), most)
  return { config: { thinkingBudget }, isExact: thinkingBudget === wanted }
}

/** Budgets of 2.5's models; only Pro cannot do without thinking. */
function rangeOf(model: string, wanted: number): { least: number; most: number } {
  if (model.includes('-pro')) return { least: 128, most: 32_768 }
  return { least: wanted > 0 && model.includes('-lite') ? 512 : 0, most: 24_576 }
}
