import type { ChatFormat } from '../../core/dialect.ts'
import { sse } from '../../wire/sse.ts'
import { readError } from './errors.ts'
import { AnthropicReplyReader } from './read-reply.ts'
import { writeChat } from './write-request.ts'

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
