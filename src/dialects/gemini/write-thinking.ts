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
  const isLevelled = generation === undefined || generation >= 3
  const config: JsonObject = {
    ...(isLevelled
      ? writeLevel(reasoning, model ?? '', dropped)
      : writeBudget(reasoning, model ?? '', dropped)),
  }
  const { shows } = reasoning
  if (shows !== undefined) config['includeThoughts'] = shows !== 'nothing'
  return Object.keys(config).length > 0 ? config : undefined
}

/** A client's own budget is still taken, but not beside a level. Left alone, the model decides itself. */
function writeLevel(reasoning: Reasoning, model: string, dropped: Set<string>): JsonObject {
  const { effort, budgetTokens } = reasoning
  if (effort === undefined && budgetTokens !== undefined && budgetTokens > 0)
    return { thinkingBudget: budgetTokens }
  const wanted = effortOf(reasoning)
  if (wanted === undefined) return {}
  const isPro = model.includes('-pro')
  const lowest = isPro ? 'low' : 'minimal'
  const level = LEVELS.get(wanted) ?? (isPro || wanted === 'none' ? lowest : wanted)
  if (level !== wanted) dropped.add('reasoning.effort')
  return { thinkingLevel: level }
}

/** The efforts that are levels of every model, or above all of them. */
const LEVELS: ReadonlyMap<string, string> = new Map([
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
])

const ADAPTIVE = -1

function writeBudget(reasoning: Reasoning, model: string, dropped: Set<string>): JsonObject {
  const wanted = budgetOf(reasoning)
  if (wanted === undefined) return reasoning.isAdaptive ? { thinkingBudget: ADAPTIVE } : {}
  const { least, most } = rangeOf(model)
  const budget = Math.min(Math.max(wanted, wanted === 0 ? least.off : least.on), most)
  if (budget !== wanted)
    dropped.add(reasoning.budgetTokens === undefined ? 'reasoning.effort' : 'reasoning.budgetTokens')
  return { thinkingBudget: budget }
}

/** Budgets of 2.5's models; only Pro cannot do without thinking. */
function rangeOf(model: string): { least: { off: number; on: number }; most: number } {
  if (model.includes('-pro')) return { least: { off: 128, on: 128 }, most: 32_768 }
  return { least: { off: 0, on: model.includes('-lite') ? 512 : 1 }, most: 24_576 }
}
