import type { ProviderDefinition } from '../core/provider.ts'
import { ai21Complete } from '../dialects/ai21/index.ts'
import { aiSdkChat, aiSdkEmbeddings } from '../dialects/ai-sdk/index.ts'
import { anthropicCountTokens, anthropicMessages } from '../dialects/anthropic/index.ts'
import { mistralChat, mistralEmbeddings } from '../dialects/mistral/index.ts'
import {
  geminiCountTokens,
  geminiEmbeddings,
  geminiGenerate,
  isBatch,
  vertexCountTokens,
  vertexEmbeddings,
} from '../dialects/gemini/index.ts'
import { mlflowServingChat, mlflowServingEmbeddings } from '../dialects/mlflow-serving/index.ts'
import {
  bedrockAnthropic,
  bedrockCohereEmbeddings,
  bedrockConverse,
  bedrockRerank,
  bedrockTitanEmbeddings,
  writeAnthropicException,
} from '../dialects/bedrock/index.ts'
import { cohereChat, cohereEmbeddings, cohereRerank } from '../dialects/cohere/index.ts'
import { ollamaChat, ollamaEmbeddings } from '../dialects/ollama/index.ts'
import {
  createOpenAiChat,
  FORWARDED_APIS,
  forwardedApis,
  openAiChat,
  openAiCompletions,
  openAiEmbeddings,
} from '../dialects/openai/index.ts'
import { openAiInputTokens, openAiResponses } from '../dialects/openai-responses/index.ts'
import {
  jinaRerank,
  perplexityEmbeddings,
  voyageEmbeddings,
  voyageRerank,
} from '../dialects/retrieval/index.ts'
import { teiEmbed, teiRerank } from '../dialects/tei/index.ts'
import { tgiGenerate } from '../dialects/tgi/index.ts'
import { ai21LabsProvider } from './ai21labs.ts'
import { aiSdkProvider } from './ai-sdk/index.ts'
import { anthropicProvider } from './anthropic.ts'
import { bedrockProvider } from './bedrock.ts'
import { databricksProvider } from './databricks.ts'
import { geminiProvider } from './gemini.ts'
import { huggingFaceTgiProvider } from './huggingface-tgi.ts'
import { mistralProvider } from './mistral.ts'
import { mlflowModelServingProvider } from './mlflow-model-serving.ts'
import { cohereProvider } from './cohere.ts'
import { compatibleProvider, type CompatibleFormats } from './compatible-provider.ts'
import { compatibleRows } from './compatible.ts'
import { mockProvider } from './mock/index.ts'
import { ollamaProvider } from './ollama.ts'
import { openAiCompatibleProvider } from './openai-compatible.ts'
import { openAiProvider } from './openai.ts'
import { replayProvider } from './replay/index.ts'
import { teiProvider } from './tei.ts'
import { vertexProvider } from './vertex.ts'

export { retiredProviders } from './retired.ts'

const openAi = { chat: openAiChat, completions: openAiCompletions, embeddings: openAiEmbeddings }

/** All of OpenAI's own APIs. */
const openAiOwn = {
  ...openAi,
  responses: openAiResponses,
  inputTokens: openAiInputTokens,
  forwarded: FORWARDED_APIS,
}

const compatible: CompatibleFormats = {
  ...openAi,
  createChat: createOpenAiChat,
  responses: openAiResponses,
  messages: anthropicMessages,
  rerank: jinaRerank,
  perplexityEmbeddings,
  voyageEmbeddings,
  voyageRerank,
  forwarded: forwardedApis,
}

/** Every format that a recording may be in. */
const recorded = [
  openAiChat,
  openAiCompletions,
  openAiEmbeddings,
  openAiResponses,
  openAiInputTokens,
  anthropicMessages,
  anthropicCountTokens,
  geminiGenerate,
  geminiEmbeddings,
  geminiCountTokens,
  vertexEmbeddings,
  vertexCountTokens,
  bedrockConverse,
  bedrockTitanEmbeddings,
  bedrockCohereEmbeddings,
  bedrockRerank,
  cohereChat,
  cohereEmbeddings,
  cohereRerank,
  mistralChat,
  mistralEmbeddings,
  ollamaChat,
  ollamaEmbeddings,
  mlflowServingChat,
  mlflowServingEmbeddings,
  ai21Complete,
  tgiGenerate,
  teiEmbed,
  teiRerank,
  jinaRerank,
  voyageEmbeddings,
  voyageRerank,
  perplexityEmbeddings,
  aiSdkChat,
  aiSdkEmbeddings,
  ...FORWARDED_APIS.map(({ format }) => format),
]

/** Every provider that `model.provider` may name, with the formats it speaks. */
export const providers: readonly ProviderDefinition[] = [
  openAiProvider(openAiOwn),
  anthropicProvider({ chat: anthropicMessages, countTokens: anthropicCountTokens }),
  mistralProvider({ chat: mistralChat, embeddings: mistralEmbeddings }),
  geminiProvider({
    chat: geminiGenerate,
    embeddings: geminiEmbeddings,
    countTokens: geminiCountTokens,
    isBatch,
  }),
  vertexProvider({
    chat: geminiGenerate,
    embeddings: vertexEmbeddings,
    countTokens: vertexCountTokens,
    messages: anthropicMessages,
    countMessages: anthropicCountTokens,
  }),
  bedrockProvider({
    converse: bedrockConverse,
    messages: bedrockAnthropic,
    writeException: writeAnthropicException,
    titanEmbeddings: bedrockTitanEmbeddings,
    cohereEmbeddings: bedrockCohereEmbeddings,
    rerank: bedrockRerank,
  }),
  databricksProvider({ ...openAi, messages: anthropicMessages }),
  mlflowModelServingProvider({ chat: mlflowServingChat, embeddings: mlflowServingEmbeddings }),
  huggingFaceTgiProvider({ chat: openAiChat, generate: tgiGenerate }),
  teiProvider({ embed: teiEmbed, rerank: teiRerank, openAi: openAiEmbeddings }),
  ai21LabsProvider({ chat: openAiChat, complete: ai21Complete }),
  cohereProvider({ chat: cohereChat, embeddings: cohereEmbeddings, rerank: cohereRerank }),
  ollamaProvider({ native: { chat: ollamaChat, embeddings: ollamaEmbeddings }, openAi }),
  ...compatibleRows.map((row) => compatibleProvider(row, compatible)),
  openAiCompatibleProvider({ ...openAiOwn, chat: createOpenAiChat({ takesTopK: true }) }),
  aiSdkProvider({ chat: aiSdkChat, embeddings: aiSdkEmbeddings }),
  mockProvider(openAi),
  replayProvider(recorded),
]
