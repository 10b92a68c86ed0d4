import type { Effort } from '../../core/request.ts'

/**
 * Whether a model of OpenAI's refuses `temperature` and wants `max_completion_tokens` in place of `max_tokens`.
 * Source: https://platform.openai.com/docs/guides/reasoning
 */
export function isReasoningModel(model: string | null): boolean {
  return model !== null && /^(?:o[1-9]|gpt-[5-9])(?:$|[-.])/.test(model) && !model.includes('-chat')
}

/** Whether it takes `temperature` and what else shapes a choice of tokens: since GPT-5.1 while it does not think. */
export function takesSampling(model: string | null, effort: Effort | undefined): boolean {
  if (!isReasoningModel(model)) return true
  return generationOf(model) > 5 && (effort === undefined || effort === 'none')
}

/** Source: https://platform.openai.com/docs/api-reference/chat/create#chat-create-stop */
export function takesStop(model: string | null): boolean {
  return model === null || !/^(?:o3(?!-mini)|o4|gpt-5)(?:$|[-.])/.test(model) || model.includes('-chat')
}

/**
 * The effort nearest to `asked` that a model knows; undefined for OpenAI's models that do not think. Models of others are
 * taken to know all of OpenAI's words.
 * Source: https://platform.openai.com/docs/api-reference/chat/create#chat-create-reasoning_effort
 */
export function effortFor(model: string | null, asked: Effort): Effort | undefined {
  if (model !== null && /^(?:gpt-[34]|chatgpt)/.test(model)) return undefined
  const known = effortsOf(model)
  const place = ORDER.indexOf(asked)
  return known.find((effort) => ORDER.indexOf(effort) >= place) ?? known.at(-1)
}

const ORDER: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

function effortsOf(model: string | null): readonly Effort[] {
  if (!isReasoningModel(model)) return ORDER.slice(0, -1)
  const generation = generationOf(model)
  if (generation === 0) return ['low', 'medium', 'high']
  if (generation === 5) return ['minimal', 'low', 'medium', 'high']
  return generation < 5.2 ? ['none', 'low', 'medium', 'high'] : ['none', 'low', 'medium', 'high', 'xhigh']
}

/** 5 for `gpt-5-mini`, 5.1 for `gpt-5.1`; 0 for the o-series. */
function generationOf(model: string | null): number {
  return Number(/^gpt-(\d+(?:\.\d+)?)/.exec(model ?? '')?.[1] ?? 0)
}
