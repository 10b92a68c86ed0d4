import type { ChatFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { ndjson } from '../../wire/ndjson.ts'
import { readPlainError } from '../plain-error.ts'
import { readEmbeddings, readEmbeddingsUsage, writeEmbeddings } from './embeddings.ts'
import { OllamaReplyReader } from './read-reply.ts'
import { writeChat } from './write-request.ts'

/**
 * `POST /api/chat` of Ollama's own API, which has thinking and all options of the model; OpenAI's has neither.
 * Spec: https://docs.ollama.com/api/chat
 */
export const ollamaChat: ChatFormat = {
  operation: 'chat',
  name: 'ollama-chat',
  answerMark: '"message"',
  framing: ndjson,
  write: writeChat,
  reader: () => new OllamaReplyReader(),
  readError: readPlainError,
}

/**
 * `POST /api/embed`.
 * Spec: https://docs.ollama.com/api/embed
 */
export const ollamaEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'ollama-embeddings',
  answerMark: '"embeddings"',
  write: writeEmbeddings,
  read: readEmbeddings,
  usage: readEmbeddingsUsage,
  readError: readPlainError,
}
