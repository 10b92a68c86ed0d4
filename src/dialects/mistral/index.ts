import type { ChatFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { openAiChat, openAiEmbeddings } from '../openai/index.ts'
import { readPlainError } from '../plain-error.ts'
import { adaptChat, adaptEmbeddings } from './write-request.ts'

/**
 * `POST /v1/chat/completions` of Mistral: OpenAI's, with names of its own, and strict about all that it does not know.
 * That is why OpenAI's bytes do not pass through. Its answers are read as OpenAI's.
 * Spec: https://docs.mistral.ai/api/endpoint/chat
 */
export const mistralChat: ChatFormat = {
  ...openAiChat,
  name: 'mistral-chat',
  readError: readPlainError,
  write(request, target) {
    const { kept, dropped } = adaptChat(request)
    const written = openAiChat.write(kept, target)
    return { body: written.body, dropped: [...dropped, ...written.dropped] }
  },
}

/** `POST /v1/embeddings`. */
export const mistralEmbeddings: EmbeddingsFormat = {
  ...openAiEmbeddings,
  name: 'mistral-embeddings',
  readError: readPlainError,
  write(request, target) {
    const { kept, dropped } = adaptEmbeddings(request)
    const written = openAiEmbeddings.write(kept, target)
    return { body: written.body, dropped: [...dropped, ...written.dropped] }
  },
}
