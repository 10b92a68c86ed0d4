/**
 * Whether a model of OpenAI's refuses `temperature` and wants `max_completion_tokens` in place of `max_tokens`.
 * Source: https://platform.openai.com/docs/guides/reasoning
 */
export function isReasoningModel(model: string | null): boolean {
  return model !== null && /^(?:o[1-9]|gpt-[5-9])(?:$|[-.])/.test(model) && !model.includes('-chat')
}
