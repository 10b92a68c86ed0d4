import type { Effort } from '../../core/request.ts'

/** What a Claude model takes, as far as requests depend on it. */
export interface ModelTraits {
  /** How it is told to think: with a budget of tokens, by an effort that it adapts to, or not at all. */
  thinks: 'by-budget' | 'either-way' | 'by-effort' | 'never'
  /** It cannot be kept from thinking. */
  alwaysThinks: boolean
  /** Of both ways to think, a budget is the one that surely works. */
  prefersBudget: boolean
  /** The words that `output_config.effort` may have; empty where there is no such field. */
  efforts: readonly Effort[]
  takesSampling: boolean
  /** `temperature` and `top_p` may stand side by side. */
  takesTemperatureWithTopP: boolean
  /** `tool_choice` may force a tool. */
  takesForcedTool: boolean
  /** `output_config.format`, and `strict` on tools. */
  takesSchemas: boolean
}

const BASIC = ['low', 'medium', 'high'] as const
const UP_TO_MAX = [...BASIC, 'max'] as const
const ALL = [...BASIC, 'xhigh', 'max'] as const

/** A model that is not known as one of Claude, perhaps another maker's: it gets what is asked for, and budgets. */
const UNKNOWN: ModelTraits = {
  thinks: 'either-way',
  alwaysThinks: false,
  prefersBudget: true,
  efforts: ALL,
  takesSampling: true,
  takesTemperatureWithTopP: true,
  takesForcedTool: true,
  takesSchemas: true,
}

/**
 * The traits of a model by its name, however a cloud decorates it. Names of Claude without a readable version are taken
 * for the newest.
 * Source: https://platform.claude.com/docs/en/about-claude/models/migration-guide
 */
export function traitsOf(model: string | null): ModelTraits {
  if (model === null || !model.includes('claude')) return UNKNOWN
  const { family, version } = readName(model)
  const isSelfWilled = family === 'fable' || family === 'mythos' || (version >= 5.5 && family !== 'haiku')
  return {
    thinks: howItThinks(version, family),
    alwaysThinks: isSelfWilled,
    prefersBudget: false,
    efforts: effortsOf(version, family),
    takesSampling: version < 4.7,
    takesTemperatureWithTopP: version < 4.1,
    takesForcedTool: !(isSelfWilled && version >= 5.1),
    takesSchemas: version >= 4.5 || (family === 'opus' && version >= 4.1),
  }
}

function howItThinks(version: number, family: string): ModelTraits['thinks'] {
  if (version >= 4.7) return 'by-effort'
  if (version >= 4.6) return 'either-way'
  // Haiku learned it last.
  return version >= (family === 'haiku' ? 4.5 : 3.7) ? 'by-budget' : 'never'
}

function effortsOf(version: number, family: string): readonly Effort[] {
  if (version >= 4.7) return ALL
  if (version >= 4.6) return UP_TO_MAX
  return version >= 4.5 && family === 'opus' ? BASIC : []
}

/** `claude-opus-4-1-20250805`, `claude-3-5-haiku@20241022`, `anthropic/claude-sonnet-4.5`, `claude-2.1`, `claude-sonnet-5`. */
function readName(model: string): { family: string; version: number } {
  const family = /opus|sonnet|haiku|fable|mythos|instant/.exec(model)?.[0] ?? ''
  const digits = /claude-(?:[a-z]+-)?v?(\d)(?:[-.:](\d)(?!\d))?/.exec(model)
  if (!digits) return { family, version: Number.POSITIVE_INFINITY }
  return { family, version: Number(`${digits[1]}.${digits[2] ?? 0}`) }
}
