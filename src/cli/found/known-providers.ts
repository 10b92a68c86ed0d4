/** A provider whose key people have in their environment, under the name that its own SDK reads. */
export interface KnownProvider {
  readonly provider: string
  /** The first that is set counts. */
  readonly variables: readonly string[]
  /** The option that takes the key. */
  readonly option: string
  /** Models to begin with: routes have their names. */
  readonly chat: readonly string[]
  readonly embeddings?: readonly string[]
}

/** In the order in which the route `chat` tries them. */
export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    provider: 'openai',
    variables: ['OPENAI_API_KEY'],
    option: 'openai_api_key',
    chat: ['gpt-4o-mini', 'gpt-4o'],
    embeddings: ['text-embedding-3-small'],
  },
  {
    provider: 'anthropic',
    variables: ['ANTHROPIC_API_KEY'],
    option: 'anthropic_api_key',
    chat: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
  },
  {
    provider: 'gemini',
    variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    option: 'gemini_api_key',
    chat: ['gemini-2.5-flash', 'gemini-2.5-pro'],
    embeddings: ['gemini-embedding-001'],
  },
  {
    provider: 'mistral',
    variables: ['MISTRAL_API_KEY'],
    option: 'mistral_api_key',
    chat: ['mistral-small-latest'],
    embeddings: ['mistral-embed'],
  },
  {
    provider: 'groq',
    variables: ['GROQ_API_KEY'],
    option: 'groq_api_key',
    chat: ['llama-3.3-70b-versatile'],
  },
  {
    provider: 'deepseek',
    variables: ['DEEPSEEK_API_KEY'],
    option: 'deepseek_api_key',
    chat: ['deepseek-chat'],
  },
  { provider: 'xai', variables: ['XAI_API_KEY'], option: 'xai_api_key', chat: ['grok-4'] },
  {
    provider: 'cohere',
    variables: ['CO_API_KEY', 'COHERE_API_KEY'],
    option: 'cohere_api_key',
    chat: ['command-a-03-2025'],
    embeddings: ['embed-v4.0'],
  },
  {
    provider: 'openrouter',
    variables: ['OPENROUTER_API_KEY'],
    option: 'openrouter_api_key',
    chat: ['openrouter/auto'],
  },
]
