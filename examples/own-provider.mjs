// A provider of one's own: any server behind one's own address and header, speaking OpenAI's chat API.
// `own-provider.yaml` names this file. TypeScript (`own-provider.ts`) works too, from Node 22.18 on.
import { createHttpProvider, openAiChat, option } from 'mlflow-gateway/provider'

/** @type {import('mlflow-gateway/provider').ProviderDefinition} */
export default {
  name: 'house-models',
  routeTypes: ['llm/v1/chat', 'llm/v1/completions'],
  // The keys of `model.config`, checked before anything starts.
  options: option.object({
    url: option.string({ description: 'Where the models are served.' }),
    team_key: option.secret({ description: "The team's key." }),
  }),
  create: ({ model, config }) =>
    createHttpProvider({
      name: 'house-models',
      model,
      baseUrl: config.url,
      headers: { 'x-team-key': config.team_key },
      formats: [{ format: openAiChat, path: '/chat/completions' }],
      secrets: [config.team_key],
    }),
}
