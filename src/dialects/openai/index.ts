import type { UpstreamFormat } from '../../core/dialect.ts'
import { readError } from './errors.ts'
import { OpenAiReplyReader } from './read-reply.ts'
import { writeChat, writeEmbeddings } from './write-request.ts'

/** `POST /v1/chat/completions`, as OpenAI and every compatible server speak it. */
export const openAiChat: UpstreamFormat = {
  name: 'openai-chat',
  answerMark: '"choices"',
  writeChat,
  reader: () => new OpenAiReplyReader(),
  readError,
}

/** `POST /v1/embeddings`. */
export const openAiEmbeddings: UpstreamFormat = {
  name: 'openai-embeddings',
  answerMark: '"data"',
  writeEmbeddings,
  reader: () => new OpenAiReplyReader(),
  readError,
}
