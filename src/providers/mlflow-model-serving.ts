import type { ChatFormat, EmbeddingsFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { textOption } from './config-values.ts'
import { createHttpProvider } from './http-provider.ts'

const options = option.object({
  model_server_url: option.string({
    description: 'Where the model is served, up to what stands before `/invocations`.',
    examples: ['http://127.0.0.1:5001'],
  }),
})

/**
 * A model that `mlflow models serve` serves, wherever it runs.
 * Spec: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/
 */
export function mlflowModelServingProvider(formats: {
  chat: ChatFormat
  embeddings: EmbeddingsFormat
}): ProviderDefinition {
  return {
    name: 'mlflow-model-serving',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'],
    options,
    check: (config) => checkUrl(config, 'model_server_url'),
    create: ({ model, config }) =>
      createHttpProvider({
        name: 'mlflow-model-serving',
        model,
        baseUrl: textOption(config, 'model_server_url') ?? '',
        headers: {},
        formats: [
          { format: formats.chat, path: '/invocations' },
          { format: formats.embeddings, path: '/invocations' },
        ],
        secrets: [],
      }),
  }
}
