import type { Recording } from './recordings.ts'

/** Recordings that are not replayed, by endpoint or by id, each with its reason. */
const NOT_HANDLED: Readonly<Record<string, string>> = {
  models: 'lists of models are answered from the configuration, never asked of a provider',
  cohere_v1_chat: "Cohere's first chat API is spoken to no provider any more",
  cohere_generate: 'Cohere has shut this API down',
  anthropic_complete: "Anthropic's text completions are superseded by messages",
  openai_responses_other: 'counting input tokens has its own tests',
  gemini_cache: 'explicit caches are made by the provider, and only reached by raw passthrough',
  ollama_tags: 'a list of models',
  'anthropic/synthetic-messages-spliced-message-start-stream--claude-3-haiku-20240307':
    'two answers in one stream: an error in every dialect, told by the unit tests',
  moderations: 'handed on unread; test/faults tells how',
}

/** Why a recording is not replayed; undefined when it is. */
export function reasonNotToReplay({ id, endpoint }: Recording): string | undefined {
  return NOT_HANDLED[id] ?? NOT_HANDLED[endpoint]
}
