import type { JsonObject } from '../../core/json.ts'
import { budgetOf, effortOf, wantsThinking } from '../../core/reasoning.ts'
import type { ChatRequest, Effort, Reasoning, ToolChoice } from '../../core/request.ts'
import type { ModelTraits } from './models.ts'
import type { Turn } from './write-conversation.ts'

/** Anthropic insists on a bound; this is MLflow 3's. A request that wants longer answers says so itself. */
const DEFAULT_MAX_TOKENS = 8192
/** The same for answers with thinking: the most that each model that thinks can give. */
const DEFAULT_MAX_TOKENS_THINKING = 32_000

const LEAST_BUDGET = 1024
/** How much of an answer may be thinking, where the client has not said it. */
const MOST_THINKING = 0.8

export interface WrittenReasoning {
  thinking?: JsonObject
  effort?: Effort
  maxTokens: number
}

interface Circumstances {
  traits: ModelTraits
  turns: readonly Turn[]
  dropped: Set<string>
}

/**
 * How to think, in the words that the model understands. A wish that the rest of the request makes impossible is left
 * out and named: thinking excludes a forced tool, and with a budget it needs room in the answer and its own beginning in
 * a turn that goes on.
 * Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export function writeReasoning(request: ChatRequest, circumstances: Circumstances): WrittenReasoning {
  const { reasoning } = request
  const { traits, dropped } = circumstances
  const maxTokens = request.maxTokens ?? DEFAULT_MAX_TOKENS
  if (!reasoning) return { maxTokens }
  if (!wantsThinking(reasoning)) return { maxTokens, ...writeOff(reasoning, circumstances) }
  // Its own clients ask for thinking apart from the effort.
  const isOwn = request.extrasDialect === 'anthropic'
  const asksOnlyEffort = isOwn && !reasoning.isAdaptive && reasoning.budgetTokens === undefined
  const thinking = asksOnlyEffort ? undefined : writeThinking(request, circumstances)
  if (!asksOnlyEffort && !thinking) dropped.add('reasoning')
  const adapts = thinking?.['type'] === 'adaptive' || traits.thinks === 'by-effort'
  const asked = adapts ? effortOf(reasoning) : isOwn ? reasoning.effort : undefined
  const effort = asked && writeEffort(asked, { traits, dropped })
  return {
    ...(thinking ? { thinking } : {}),
    ...(effort === undefined ? {} : { effort }),
    maxTokens: request.maxTokens ?? (thinking ? DEFAULT_MAX_TOKENS_THINKING : DEFAULT_MAX_TOKENS),
  }
}

function writeOff(
  { effort, budgetTokens }: Reasoning,
  { traits, dropped }: Circumstances,
): Partial<WrittenReasoning> {
  if (effort !== 'none' && budgetTokens !== 0) return {}
  if (traits.alwaysThinks) dropped.add('reasoning')
  return traits.alwaysThinks || traits.thinks === 'never' ? {} : { thinking: { type: 'disabled' } }
}

function writeThinking(request: ChatRequest, circumstances: Circumstances): JsonObject | undefined {
  const { reasoning = {}, toolChoice } = request
  const { traits, turns, dropped } = circumstances
  if (traits.thinks === 'never') return undefined
  if (forcesTool(toolChoice) && traits.takesForcedTool) return undefined
  const display = writeDisplay(reasoning)
  if (isAdaptive(reasoning, traits)) {
    if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budgetTokens')
    return { type: 'adaptive', ...display }
  }
  if (continuesWithoutThinking(turns)) return undefined
  const budget = writeBudget(request, dropped)
  return budget === undefined ? undefined : { type: 'enabled', budget_tokens: budget, ...display }
}

function isAdaptive(
  { budgetTokens, isAdaptive }: Reasoning,
  { thinks, prefersBudget }: ModelTraits,
): boolean {
  if (thinks !== 'either-way') return thinks === 'by-effort'
  return isAdaptive === true || (budgetTokens === undefined && !prefersBudget)
}

function writeBudget(
  { reasoning = {}, maxTokens, extrasDialect }: ChatRequest,
  dropped: Set<string>,
): number | undefined {
  const { budgetTokens: asked } = reasoning
  if (asked !== undefined && extrasDialect === 'anthropic') return asked
  if (reasoning.isAdaptive) dropped.add('reasoning.isAdaptive')
  const room = maxTokens ?? DEFAULT_MAX_TOKENS_THINKING
  const wanted = Math.max(budgetOf(reasoning) ?? budgetOf({ effort: 'medium' }) ?? 0, LEAST_BUDGET)
  const fits = asked === undefined ? wanted <= room * MOST_THINKING : wanted < room
  const budget = fits ? wanted : Math.floor(room * MOST_THINKING)
  if (budget < LEAST_BUDGET) return undefined
  if (asked !== undefined && asked !== budget) dropped.add('reasoning.budgetTokens')
  return budget
}

/** The model's word for an effort, or the next lower one that it has. */
function writeEffort(
  asked: Effort,
  { traits, dropped }: Pick<Circumstances, 'traits' | 'dropped'>,
): Effort | undefined {
  const lower = ORDER.slice(0, ORDER.indexOf(asked) + 1).findLast((word) => traits.efforts.includes(word))
  const effort = lower ?? traits.efforts[0]
  if (effort !== asked) dropped.add('reasoning.effort')
  return effort
}

const ORDER: readonly Effort[] = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max']

function writeDisplay({ shows }: Reasoning): JsonObject {
  if (shows === undefined) return {}
  return { display: shows === 'nothing' ? 'omitted' : 'summarized' }
}

/** Whether the model is in the middle of a turn that it began without thinking. */
function continuesWithoutThinking(turns: readonly Turn[]): boolean {
  const last = turns.at(-1)
  const before = turns.at(-2)
  if (!last?.blocks.some(({ json }) => json['type'] === 'tool_result')) return false
  const first = before?.blocks[0]?.json['type']
  return first !== 'thinking' && first !== 'redacted_thinking'
}

export function forcesTool(choice: ToolChoice | undefined): boolean {
  return choice?.type === 'required' || choice?.type === 'tool'
}
