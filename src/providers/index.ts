import type { ProviderDefinition } from '../core/provider.ts'
import { anthropicMessages } from '../dialects/anthropic/index.ts'
import { openAiChat, openAiEmbeddings } from '../dialects/openai/index.ts'
import { anthropicProvider } from './anthropic.ts'
import { mockProvider } from './mock/index.ts'
import { openAiCompatibleProvider } from './openai-compatible.ts'
import { openAiProvider } from './openai.ts'

export { retiredProviders } from './retired.ts'

const openAi = { chat: openAiChat, embeddings: openAiEmbeddings }

/** Every provider that `model.provider` may name, with the formats it speaks. */
export const providers: readonly ProviderDefinition[] = [
  openAiProvider(openAi),
  anthropicProvider({ chat: anthropicMessages }),
  openAiCompatibleProvider(openAi),
  mockProvider(openAi),
]
