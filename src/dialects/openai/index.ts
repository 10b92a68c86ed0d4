import type { ChatFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { sse } from '../../wire/sse.ts'
import { readEmbeddingsReply, writeEmbeddingsRequest } from './embeddings.ts'
import { readError } from './errors.ts'
import { OpenAiReplyReader } from './read-reply.ts'
import { readUsage } from './usage.ts'
import { writeChat } from './write-request.ts'

/** `POST /v1/chat/completions`, as OpenAI and every compatible server speak it. */
export const openAiChat: ChatFormat = {
  name: 'openai-chat',
  operation: 'chat',
  answerMark: '"choices"',
  framing: sse,
  write: writeChat,
  reader: () => new OpenAiReplyReader(),
  readError,
}

/** `POST /v1/embeddings`. */
export const openAiEmbeddings: EmbeddingsFormat = {
  name: 'openai-embeddings',
  operation: 'embeddings',
  answerMark: '"data"',
  write: writeEmbeddingsRequest,
  read: readEmbeddingsReply,
  usage: (body) => readUsage(findLastObject(body, 'usage')),
  readError,
}

export { FORWARDED_APIS, forwardedApis } from './forwarded-formats.ts'
