import type { ChatFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { eventStream } from '../../wire/sse.ts'
import { readPlainError } from '../plain-error.ts'
import { readEmbeddings, writeEmbeddings } from './embeddings.ts'
import { AiSdkReplyReader } from './read-reply.ts'
import { writeChat } from './write-request.ts'

const MAX_PART_BYTES = 32 * 1024 * 1024

/**
 * The Vercel AI SDK's language models, in this process: the request is the JSON of their call options, and the answer
 * that of their result or, one event each, of their stream's parts. Versions 2 and 3 of the specification.
 * Spec: https://github.com/vercel/ai/tree/main/packages/provider/src/language-model
 */
export const aiSdkChat: ChatFormat = {
  operation: 'chat',
  name: 'ai-sdk-chat',
  answerMark: '"content"',
  // A picture that the model made is one part of the stream.
  framing: eventStream(MAX_PART_BYTES),
  write: writeChat,
  reader: () => new AiSdkReplyReader(),
  readError: readPlainError,
}

/** The same for its embedding models. */
export const aiSdkEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'ai-sdk-embeddings',
  answerMark: '"embeddings"',
  write: writeEmbeddings,
  read: readEmbeddings,
  usage: (body) => readEmbeddings(body.toString('utf8')).usage,
  readError: readPlainError,
}
