import { anthropic } from './anthropic.ts'
import { bedrock } from './bedrock.ts'
import { cohere } from './cohere.ts'
import { gemini } from './gemini.ts'
import { mlflow } from './mlflow.ts'
import { ollama } from './ollama.ts'
import { openAi } from './openai.ts'
import { openAiResponsesScenarios } from './openai-responses.ts'
import type { DialectScenarios } from './support.ts'

/** Every dialect that the table is about. */
export const SCENARIOS: readonly DialectScenarios[] = [
  anthropic,
  bedrock,
  cohere,
  gemini,
  mlflow,
  ollama,
  openAi,
  openAiResponsesScenarios,
]
