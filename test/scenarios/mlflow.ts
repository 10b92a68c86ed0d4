import type { JsonObject } from '../../src/core/json.ts'
import { mlflow as dialect } from '../../src/dialects/mlflow/index.ts'
import { requestLosses } from './openai-losses.ts'
import { requests } from './openai-requests.ts'
import { openAi } from './openai.ts'
import { chatAt, embeddingsAt, type DialectScenarios } from './support.ts'

const PATH = '/endpoints/:route/invocations'

function withoutModel({ model: _model, ...body }: JsonObject): JsonObject {
  return body
}

/** MLflow's current contract, which only applications speak: OpenAI's requests without a model, with two defaults. */
export const mlflow = {
  name: 'mlflow',
  client: {
    dialect,
    chat: (body) => chatAt(dialect, PATH, { body }),
    embeddings: (body) => embeddingsAt(dialect, PATH, { body }),
  },
  requests: Object.fromEntries(
    Object.entries(requests)
      .filter(([name]) => name !== 'reasoning-with-tools' && name !== 'redacted-thinking')
      .map(([name, body]) => [name, withoutModel(body)]),
  ),
  replies: {},
  errors: {},
  ends: {},
  requestLosses: [
    ...requestLosses,
    {
      name: '',
      reason: 'a temperature and a number of answers that are not given are 0 and 1',
      side: 'client',
      without: (request) => ({
        candidates: 1,
        temperature: 0,
        ...request,
        temperatureIsDefault: request.temperature === undefined,
      }),
    },
  ],
  replyLosses: [],
  embeddings: Object.fromEntries(
    Object.entries(openAi.embeddings).map(([name, { request, reply }]) => [
      name,
      { request: withoutModel(request), reply },
    ]),
  ),
  unsupported: {
    'pdf-url': 'documents are sent with their content',
    'reasoning-with-tools': "what is signed is of OpenAI's dialect",
    'redacted-thinking': "what is signed is of OpenAI's dialect",
  },
} satisfies DialectScenarios
