import type { ChatFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { eventStream, sse } from '../../wire/sse.ts'
import { writeCompletion } from './completions.ts'
import { readEmbeddingsReply, writeEmbeddingsRequest } from './embeddings.ts'
import { readError } from './errors.ts'
import { OpenAiReplyReader } from './read-reply.ts'
import { readUsage } from './usage.ts'
import { writeChat } from './write-request.ts'
import type { OpenAiChatOptions } from './writing.ts'

/** `POST /v1/chat/completions`, for a server that takes more or other members than OpenAI itself. */
export function createOpenAiChat(options: OpenAiChatOptions = {}): ChatFormat {
  return {
    name: 'openai-chat',
    operation: 'chat',
    answerMark: '"choices"',
    framing: options.sendsMedia ? MEDIA_EVENTS : sse,
    write: (request, target) => writeChat(request, target, options),
    reader: () => new OpenAiReplyReader(),
    readError,
  }
}

const MEDIA_EVENTS = eventStream(16 * 1024 * 1024)

/** `POST /v1/chat/completions`, as OpenAI and every compatible server speak it. */
export const openAiChat: ChatFormat = createOpenAiChat()

/** `POST /v1/completions`, for models and servers that still complete a prompt. */
export const openAiCompletions: ChatFormat = {
  ...openAiChat,
  name: 'openai-completions',
  write: writeCompletion,
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

export type { OpenAiChatOptions } from './writing.ts'
export { FORWARDED_APIS, forwardedApis } from './forwarded-formats.ts'
