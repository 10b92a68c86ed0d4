import type { EmbeddingsFormat, RerankFormat } from '../../core/dialect.ts'
import { readPlainError } from '../plain-error.ts'
import { readEmbeddings, readRanks } from './read-reply.ts'
import { writeEmbeddings, writeRerank } from './write-request.ts'

/**
 * `POST /embed` of Hugging Face's Text Embeddings Inference. It says nothing of tokens.
 * Spec: https://huggingface.github.io/text-embeddings-inference/
 */
export const teiEmbed: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'tei-embed',
  answerMark: '[',
  write: writeEmbeddings,
  read: readEmbeddings,
  usage: () => undefined,
  readError: readPlainError,
}

/** `POST /rerank`. */
export const teiRerank: RerankFormat = {
  operation: 'rerank',
  name: 'tei-rerank',
  answerMark: '"score"',
  write: writeRerank,
  read: readRanks,
  usage: () => undefined,
  readError: readPlainError,
}
