import type { Dialect } from '../core/dialect.ts'
import { anthropic } from './anthropic/client.ts'
import { cohere } from './cohere/client.ts'
import { gemini } from './gemini/client.ts'
import { mlflow } from './mlflow/index.ts'
import { mlflowUnified } from './mlflow/unified.ts'
import { openAi } from './openai/client.ts'
import { openAiResponsesApi } from './openai-responses/client.ts'
import { under } from './under.ts'

/** Every dialect that applications may speak to the gateway. MLflow 3 has them once more below `/gateway`. */
export const dialects: readonly Dialect[] = [
  mlflow,
  openAi,
  openAiResponsesApi,
  anthropic,
  gemini,
  cohere,
  mlflowUnified,
  under('/gateway/openai', openAi),
  under('/gateway/openai', openAiResponsesApi),
  under('/gateway/anthropic', anthropic),
  under('/gateway/gemini', gemini),
]
