import type { Dialect } from '../core/dialect.ts'
import { cohere } from './cohere/client.ts'
import { mlflow } from './mlflow/index.ts'
import { openAi } from './openai/client.ts'

/** Every dialect that applications may speak to the gateway. */
export const dialects: readonly Dialect[] = [mlflow, openAi, cohere]
