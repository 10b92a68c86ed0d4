import type { ChatFormat, EmbeddingsFormat, RerankFormat } from '../../core/dialect.ts'
import { sse } from '../../wire/sse.ts'
import { readEmbeddingsReply, readEmbeddingsUsage, writeEmbeddingsRequest } from './embeddings.ts'
import { readError } from './errors.ts'
import { CohereReplyReader } from './read-reply.ts'
import { readRerankReply, readRerankUsage, writeRerankRequest } from './rerank.ts'
import { writeChatRequest } from './write-request.ts'

/** `POST /v2/chat`. */
export const cohereChat: ChatFormat = {
  operation: 'chat',
  name: 'cohere-chat',
  answerMark: '"finish_reason"',
  framing: sse,
  write: writeChatRequest,
  reader: (target) => new CohereReplyReader(target),
  readError,
}

/** `POST /v2/embed`. */
export const cohereEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'cohere-embeddings',
  answerMark: '"embeddings"',
  write: writeEmbeddingsRequest,
  read: readEmbeddingsReply,
  usage: readEmbeddingsUsage,
  readError,
}

/** `POST /v2/rerank`. */
export const cohereRerank: RerankFormat = {
  operation: 'rerank',
  name: 'cohere-rerank',
  answerMark: '"results"',
  write: writeRerankRequest,
  read: readRerankReply,
  usage: readRerankUsage,
  readError,
}
