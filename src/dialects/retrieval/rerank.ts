import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RerankRequest } from '../../core/request.ts'

/** A canonical request in the words of Jina, which are those of Cohere's first version. */
export function writeJinaRerank(request: RerankRequest, target: TargetModel): WrittenRequest {
  return write(request, target, { topN: 'top_n', options: JINA_OPTIONS })
}

/** The same in the words of Voyage. */
export function writeVoyageRerank(request: RerankRequest, target: TargetModel): WrittenRequest {
  return write(request, target, { topN: 'top_k', options: VOYAGE_OPTIONS })
}

const JINA_OPTIONS: ReadonlySet<string> = new Set(['truncation', 'rank_fields', 'max_chunks_per_doc'])
const VOYAGE_OPTIONS: ReadonlySet<string> = new Set(['truncation'])

function write(
  { query, documents, topN, returnDocuments, extras }: RerankRequest,
  { model }: TargetModel,
  words: { topN: string; options: ReadonlySet<string> },
): WrittenRequest {
  const body: JsonObject = { ...(model === null ? {} : { model }), query, documents }
  if (topN !== undefined) body[words.topN] = topN
  if (returnDocuments !== undefined) body['return_documents'] = returnDocuments
  const dropped: string[] = []
  for (const [name, value] of Object.entries(extras)) {
    if (words.options.has(name)) body[name] = value
    else dropped.push(name)
  }
  return { body: JSON.stringify(body), dropped }
}
