/** Where a recorded request is written otherwise than it was sent, though it means the same or cannot be helped. */
interface Declared {
  /** The recording's dialect. */
  dialect: string
  /** The path that differs. */
  path: RegExp
  reason: string
}

const DECLARED: readonly Declared[] = [
  {
    dialect: 'openai',
    path: /^(?:functions|tools)$/,
    reason: 'the functions of old are tools',
  },
  {
    dialect: 'openai',
    path: /^parallel_tool_calls$/,
    reason: 'OpenAI refuses it beside no tools',
  },
  {
    dialect: 'openai',
    path: /^reasoning(?:_effort)?$/,
    reason: 'how OpenRouter and its like are told how much to think; their rows write it again',
  },
  {
    dialect: 'openai',
    path: /^messages\[\d+\]\.reasoning(?:_content)?$/,
    reason:
      'thinking is no member of OpenAI’s; it is named as dropped, and rows of servers that take it write it',
  },
  {
    dialect: 'openai',
    path: /^messages\[\d+\]\.name$/,
    reason: 'the name of a tool stands in its call, to which a result belongs',
  },
  {
    dialect: 'openai',
    path: /^messages\[\d+\](?:\.content)?$/,
    reason: 'an empty list is no content; pictures of a tool are shown by the user, and are named as dropped',
  },
  {
    dialect: 'openai-responses',
    path: /^tools\[\d+\]\.strict$/,
    reason:
      'the API takes a tool for strict when nothing is said, and a request in the canonical form does not',
  },
  {
    dialect: 'openai-responses',
    path: /^max_output_tokens$/,
    reason: 'the API takes no fewer than 16, other servers do; it is named as dropped',
  },
  {
    dialect: 'openai-responses',
    path: /\.prompt_cache_breakpoint$/,
    reason: 'a mark of OpenRouter; it is named as dropped',
  },
  {
    dialect: 'anthropic',
    path: /^(?:output_format|output_config)$/,
    reason: 'structured output had another name in its beta',
  },
  {
    dialect: 'gemini',
    path: /\.function(?:Call|Response)\.id$/,
    reason: 'calls without ids get some, to which their results belong',
  },
  {
    dialect: 'gemini',
    path: /\.functionResponse\.parts$|^contents\[\d+\]\.parts\[1\]$/,
    reason:
      'media of a tool stand beside its result, where older models find them too; it is named as dropped',
  },
  {
    dialect: 'gemini',
    path: /\.functionResponse\.response\.output$/,
    reason: 'a list as a tool’s result is its JSON text',
  },
]

/** Whether a line of `differencesOf` is one of these. */
export function isDeclared(dialect: string, line: string): boolean {
  const path = line.slice(0, line.indexOf(': '))
  return DECLARED.some((declared) => declared.dialect === dialect && declared.path.test(path))
}

/** Recorded requests that are not read: what a provider keeps, only bytes that pass through can ask for. */
export const REFUSED: Readonly<Record<string, string>> = {
  'openai/responses-chat-stream--gpt-4o': 'background: an answer that is fetched later',
  'huggingface/chat-error-401--meta-llama-3-70b-instruc': 'messages that are no list',
  'llamacpp/chat-error-400-invalid-request-error--qwen3-1-7b-q4-k-m': 'a temperature that is a word',
  'azure/responses-tool-result--codex-mini': 'previous_response_id: a conversation that the provider keeps',
}
