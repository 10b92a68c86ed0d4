/** OpenAI's word for each canonical field of a request that has another. */
const NAMES: Readonly<Record<string, string>> = {
  candidates: 'n',
  maxTokens: 'max_tokens',
  topP: 'top_p',
  topK: 'top_k',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  'logprobs.alternatives': 'top_logprobs',
  toolChoice: 'tool_choice',
  'toolChoice.names': 'tool_choice.allowed_tools',
  parallelToolCalls: 'parallel_tool_calls',
  responseFormat: 'response_format',
  reasoning: 'reasoning_effort',
  'reasoning.effort': 'reasoning_effort',
  'reasoning.budgetTokens': 'reasoning.max_tokens',
  endUser: 'user',
  cache: 'cache_control',
  'messages.thinking': 'messages.reasoning_content',
}

/** OpenAI's word for a canonical field. */
export function parameterName(parameter: string): string {
  return NAMES[parameter] ?? parameter
}

const CANONICAL: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(NAMES).map(([canonical, name]) => [name, canonical])),
  max_completion_tokens: 'maxTokens',
  reasoning_effort: 'reasoning',
}

/** The canonical field for a word of OpenAI's; other words stay. */
export function canonicalName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (CANONICAL[name] ?? name)
}
