import type { ChatFormat, CountFormat } from '../../core/dialect.ts'
import { sse } from '../../wire/sse.ts'
import { readCount } from './count-tokens.ts'
import { readError } from './errors.ts'
import { AnthropicReplyReader } from './read-reply.ts'
import { writeChat, writeCount } from './write-request.ts'

/** `POST /v1/messages`, as Anthropic and compatible servers speak it. */
export const anthropicMessages: ChatFormat = {
  operation: 'chat',
  name: 'anthropic-messages',
  answerMark: '"content"',
  framing: sse,
  write: writeChat,
  reader: () => new AnthropicReplyReader(),
  readError,
}

/** `POST /v1/messages/count_tokens`. */
export const anthropicCountTokens: CountFormat = {
  operation: 'count-tokens',
  name: 'anthropic-count-tokens',
  answerMark: '"input_tokens"',
  write: writeCount,
  read: readCount,
  readError,
}
