import type { Recording } from './recordings.ts'

/** How recordings of embeddings are served, by endpoint: `dialect.export` of the gateway's format. */
const EMBEDDINGS: Readonly<Record<string, string>> = {
  openai_embeddings: 'openai.openAiEmbeddings',
  gemini_batch_embed: 'gemini.geminiEmbeddings',
  cohere_embed: 'cohere.cohereEmbeddings',
  tei_embed: 'tei.teiEmbed',
  invocations: 'mlflow-serving.mlflowServingEmbeddings',
  bedrock_invoke: 'bedrock.bedrockTitanEmbeddings',
}
/** The same for rankings. */
const RANKINGS: Readonly<Record<string, string>> = { rerank: 'cohere.cohereRerank' }
/** The same for counts of tokens. */
const COUNTS: Readonly<Record<string, string>> = {
  anthropic_count: 'anthropic.anthropicCountTokens',
  gemini_count: 'gemini.geminiCountTokens',
  openai_responses_other: 'openai-responses.openAiInputTokens',
}

export interface RetrievalFormat {
  format: string
  /** Of the route. */
  type: 'llm/v1/embeddings' | 'llm/v1/rerank' | 'llm/v1/chat'
}

/** How a recording of embeddings, a ranking or a count is served; undefined for others. */
export function retrievalFormatOf({ id, provider, endpoint }: Recording): RetrievalFormat | undefined {
  const ranking = RANKINGS[endpoint]
  if (ranking !== undefined) return { format: ranking, type: 'llm/v1/rerank' }
  const count = COUNTS[endpoint]
  if (count !== undefined) return { format: count, type: 'llm/v1/chat' }
  const isPerplexity = provider === 'perplexity' && endpoint === 'openai_embeddings'
  const format = isPerplexity ? 'retrieval.perplexityEmbeddings' : EMBEDDINGS[endpoint]
  // Of what is only invoked, few embed.
  const isOther = endpoint.includes('invo') && !id.includes('embed')
  return format === undefined || isOther ? undefined : { format, type: 'llm/v1/embeddings' }
}
