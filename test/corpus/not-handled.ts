import type { Recording } from './recordings.ts'

/** Recordings that are not replayed, by endpoint or by id, each with its reason. */
const NOT_HANDLED: Readonly<Record<string, string>> = {
  models: 'lists of models are answered from the configuration, never asked of a provider',
  cohere_v1_chat: "Cohere's first chat API is spoken to no provider any more",
  cohere_generate: 'Cohere has shut this API down',
  anthropic_complete: "Anthropic's text completions are superseded by messages",
  gemini_cache: 'explicit caches are made by the provider, and only reached by raw passthrough',
  ollama_tags: 'a list of models',
  'anthropic/synthetic-messages-spliced-message-start-stream--claude-3-haiku-20240307':
    'two answers in one stream: an error in every dialect, told by the unit tests',
  ...invokedModels(
    'invoke-chat--amazon-titan-text-lite-v',
    'invoke-stream-max-tokens--amazon-nova-micro-v1',
    'invoke-stream-chat--meta-llama2-13b-chat-v1',
    'invoke-stream-chat--mistral-mistral-small-24',
    'invoke-stream-chat--ai21-jamba-1-5-mini-v1',
    'invoke-tool-call--openai-gpt-oss-20b-1-0',
  ),
  moderations: 'handed on unread; test/faults tells how',
}

/** Why a recording is not replayed; undefined when it is. */
export function reasonNotToReplay({ id, endpoint }: Recording): string | undefined {
  return NOT_HANDLED[id] ?? NOT_HANDLED[endpoint]
}

/** Models on Bedrock whose own APIs nobody needs. */
function invokedModels(...names: string[]): Record<string, string> {
  const reason =
    "chats reach every model of Bedrock through Converse; of the models' own APIs only Claude's has clients"
  return Object.fromEntries(names.map((name) => [`bedrock/${name}`, reason]))
}
