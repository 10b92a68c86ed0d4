import type { ChatFormat, CountFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { eventStream } from '../../wire/sse.ts'
import { readCount, writeCount, writeVertexCount } from './count-tokens.ts'
import { readEmbeddings, readEmbeddingsUsage, writeEmbeddings } from './embeddings.ts'
import { readError } from './errors.ts'
import { readPrediction, writePredict } from './predict.ts'
import { GeminiReplyReader } from './read-reply.ts'
import { writeChat } from './write-request.ts'

/** Events may hold a picture or a piece of sound. */
const MAX_EVENT_BYTES = 32 * 1024 * 1024

/** `:generateContent` and `:streamGenerateContent?alt=sse`; the model stands in the path. */
export const geminiGenerate: ChatFormat = {
  operation: 'chat',
  name: 'gemini-generate',
  // Prompts that are refused have no candidates.
  answerMark: '"usageMetadata"',
  framing: eventStream(MAX_EVENT_BYTES),
  write: writeChat,
  reader: () => new GeminiReplyReader(),
  readError,
}

/** `:embedContent`, or `:batchEmbedContents` for a body of which `isBatch` holds. */
export const geminiEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'gemini-embeddings',
  answerMark: '"values"',
  write: writeEmbeddings,
  read: readEmbeddings,
  usage: readEmbeddingsUsage,
  readError,
}

/** `:countTokens` of the Gemini API. */
export const geminiCountTokens: CountFormat = {
  operation: 'count-tokens',
  name: 'gemini-count-tokens',
  answerMark: '"totalTokens"',
  write: writeCount,
  read: readCount,
  readError,
}

/** `:countTokens` of Vertex AI. */
export const vertexCountTokens: CountFormat = {
  ...geminiCountTokens,
  name: 'vertex-count-tokens',
  write: writeVertexCount,
}

/** `:predict` of Vertex AI's embedding models. */
export const vertexEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'vertex-predict',
  answerMark: '"values"',
  write: writePredict,
  read: readPrediction,
  // No client speaks this, so that every answer is read in full.
  usage: () => undefined,
  readError,
}

export { isBatch } from './embeddings.ts'
