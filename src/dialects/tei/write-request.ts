import type { WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { EmbeddingsRequest, RerankRequest } from '../../core/request.ts'
import { foreignExtras, freeExtras } from '../single-prompt.ts'

export function writeEmbeddings(request: EmbeddingsRequest): WrittenRequest {
  const { input, dimensions, purpose } = request
  const body: JsonObject = { ...freeExtras(request), inputs: input }
  if (dimensions !== undefined) body['dimensions'] = dimensions
  const dropped = [...(purpose === undefined ? [] : ['purpose']), ...foreignExtras(request)]
  return { body: JSON.stringify(body), dropped }
}

/** The server always ranks all; `readRanks` cannot know how many were wanted, so the whole list is given. */
export function writeRerank(request: RerankRequest): WrittenRequest {
  const { query, documents, topN, returnDocuments } = request
  const body: JsonObject = { ...freeExtras(request), query, texts: documents }
  if (returnDocuments !== undefined) body['return_text'] = returnDocuments
  const dropped = [...(topN === undefined ? [] : ['topN']), ...foreignExtras(request)]
  return { body: JSON.stringify(body), dropped }
}
