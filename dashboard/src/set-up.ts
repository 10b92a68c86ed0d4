/** A provider that the set-up can connect: which options it needs, and models that people usually begin with. */
export interface ProviderChoice {
  readonly provider: string
  readonly name: string
  /** The option that holds the key; null: it needs none. */
  readonly keyOption: string | null
  /** The option with its address, where it has none of its own. */
  readonly baseOption?: string
  readonly base?: string
  readonly models: readonly string[]
  /** Where people find their key. */
  readonly keysAt?: string
}

/** In the order in which they are offered. */
export const PROVIDER_CHOICES: readonly ProviderChoice[] = [
  {
    provider: 'openai',
    name: 'OpenAI',
    keyOption: 'openai_api_key',
    models: ['gpt-4o-mini', 'gpt-4o'],
    keysAt: 'platform.openai.com/api-keys',
  },
  {
    provider: 'anthropic',
    name: 'Anthropic',
    keyOption: 'anthropic_api_key',
    models: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
    keysAt: 'console.anthropic.com/settings/keys',
  },
  {
    provider: 'gemini',
    name: 'Google Gemini',
    keyOption: 'gemini_api_key',
    models: ['gemini-2.5-flash', 'gemini-2.5-pro'],
    keysAt: 'aistudio.google.com/apikey',
  },
  { provider: 'mistral', name: 'Mistral', keyOption: 'mistral_api_key', models: ['mistral-small-latest'] },
  { provider: 'groq', name: 'Groq', keyOption: 'groq_api_key', models: ['llama-3.3-70b-versatile'] },
  { provider: 'deepseek', name: 'DeepSeek', keyOption: 'deepseek_api_key', models: ['deepseek-chat'] },
  {
    provider: 'openrouter',
    name: 'OpenRouter',
    keyOption: 'openrouter_api_key',
    models: ['openai/gpt-4o-mini'],
  },
  {
    provider: 'openai-compatible',
    name: 'Another with the API of OpenAI',
    keyOption: 'api_key',
    baseOption: 'api_base',
    base: 'https://',
    models: [],
  },
  { provider: 'mock', name: 'The built-in mock, to look around', keyOption: null, models: ['mock-chat'] },
]

/** What the fields of the set-up mean as a route of the store. */
export function routeDefinition(
  { provider, keyOption, baseOption }: ProviderChoice,
  { model, secret, base }: { model: string; secret: string; base: string },
): Readonly<Record<string, unknown>> {
  return {
    type: 'llm/v1/chat',
    model: {
      provider,
      name: model,
      config: {
        ...(keyOption !== null && { [keyOption]: `secret:${secret}` }),
        ...(baseOption !== undefined && { [baseOption]: base }),
      },
    },
  }
}
