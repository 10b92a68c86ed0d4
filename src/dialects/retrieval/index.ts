import type { EmbeddingsFormat, RerankFormat } from '../../core/dialect.ts'
import { readRerankReply, readRerankUsage } from '../cohere/rerank.ts'
import { readPlainError } from '../plain-error.ts'
import { writeVoyageEmbeddings } from './embeddings.ts'
import { readPerplexityEmbeddings, writePerplexityEmbeddings } from './perplexity.ts'
import { readEmbeddings, readTotalUsage, readVoyageRanks } from './read-reply.ts'
import { writeJinaRerank, writeVoyageRerank } from './rerank.ts'

/**
 * `POST /v1/rerank` of Jina AI, and of all who took over the first version of Cohere's: Together, OpenRouter, vLLM, LiteLLM.
 * Spec: https://api.jina.ai/redoc
 */
export const jinaRerank: RerankFormat = {
  operation: 'rerank',
  name: 'jina-rerank',
  answerMark: '"results"',
  write: writeJinaRerank,
  read: readRerankReply,
  usage: readRerankUsage,
  readError: readPlainError,
}

/**
 * `POST /v1/embeddings` of Voyage AI.
 * Spec: https://docs.voyageai.com/reference/embeddings-api
 */
export const voyageEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'voyage-embeddings',
  answerMark: '"data"',
  write: writeVoyageEmbeddings,
  read: readEmbeddings,
  usage: readTotalUsage,
  readError: readPlainError,
}

/**
 * `POST /v1/rerank` of Voyage AI.
 * Spec: https://docs.voyageai.com/reference/reranker-api
 */
export const voyageRerank: RerankFormat = {
  operation: 'rerank',
  name: 'voyage-rerank',
  answerMark: '"data"',
  write: writeVoyageRerank,
  read: readVoyageRanks,
  usage: readTotalUsage,
  readError: readPlainError,
}

/**
 * `POST /v1/embeddings` of Perplexity. OpenAI's bytes do not pass through: the encoding that its SDKs ask for is refused.
 * Spec: https://docs.perplexity.ai/api-reference/embeddings-post
 */
export const perplexityEmbeddings: EmbeddingsFormat = {
  ...voyageEmbeddings,
  name: 'perplexity-embeddings',
  write: writePerplexityEmbeddings,
  read: readPerplexityEmbeddings,
}
