import type { WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import type { Usage } from '../../core/usage.ts'
import { readVector, writePurpose } from './embeddings.ts'
import { badResponse, parseOne } from './fields.ts'

/**
 * A canonical embeddings request as the body of a Vertex AI `:predict`.
 * Spec: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 */
export function writePredict(request: EmbeddingsRequest): WrittenRequest {
  const { input, dimensions } = request
  const { taskType, extras, dropped } = writePurpose(request)
  const { title, taskType: ownTask, ...unknown } = extras
  const task = taskType ?? asString(ownTask)
  const settings = {
    ...(task === undefined ? {} : { task_type: task }),
    ...(typeof title === 'string' ? { title } : {}),
  }
  const instances = [input].flat().map((content) => Object.assign({ content }, settings))
  const parameters = dimensions === undefined ? {} : { parameters: { outputDimensionality: dimensions } }
  return {
    body: JSON.stringify({ instances, ...parameters }),
    dropped: [...dropped, ...Object.keys(unknown)],
  }
}

export function readPrediction(body: string): EmbeddingsReply {
  const { predictions } = parseOne(body)
  if (!Array.isArray(predictions)) throw badResponse('has no list named "predictions"')
  const embeddings = predictions.map((prediction) => asObject(asObject(prediction)['embeddings']))
  return { vectors: embeddings.map(readVector), usage: readStatistics(embeddings) }
}

function readStatistics(embeddings: readonly JsonObject[]): Usage {
  const counts = embeddings.map(({ statistics }) => asNumber(asObject(statistics)['token_count']))
  const known = counts.filter((count) => count !== undefined)
  return known.length > 0 ? { inputTokens: known.reduce((sum, count) => sum + count, 0) } : {}
}
