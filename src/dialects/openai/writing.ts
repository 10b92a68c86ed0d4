/** How servers that speak OpenAI's dialect differ in what they take and send. */
export interface OpenAiChatOptions {
  /** The member of assistant messages in which unsigned thinking goes back; absent: it is left out. */
  readonly thinkingName?: 'reasoning_content' | 'reasoning'
  /** `cache_control` on parts and tools, in Anthropic's words (OpenRouter, LiteLLM, DashScope). */
  readonly takesCacheMarks?: boolean
  /** `top_k` (vLLM, OpenRouter, Together and others). */
  readonly takesTopK?: boolean
  /** Gemini's signatures on calls and texts, at Google itself. */
  readonly takesThoughtSignatures?: boolean
  /** Pictures that models draw, one in an event (OpenRouter): events may be larger than those of texts. */
  readonly sendsMedia?: boolean
}

/** What the writers of one request share. */
export interface Writing extends OpenAiChatOptions {
  /** Whether the request's extras are for this provider: of OpenAI's dialect, or for any. */
  readonly isOwn: boolean
  /** Results say the name of their tool only to who said it himself: not every server takes it. */
  readonly namesResults: boolean
  /** Tools whose calls hold text in place of JSON. */
  readonly custom: ReadonlySet<string>
  readonly dropped: Set<string>
}
