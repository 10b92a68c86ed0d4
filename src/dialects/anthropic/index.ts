import type { UpstreamFormat } from '../../core/dialect.ts'
import { readError } from './errors.ts'
import { AnthropicReplyReader } from './read-reply.ts'
import { writeChat } from './write-request.ts'

/** `POST /v1/messages`, as Anthropic and compatible servers speak it. */
export const anthropicMessages: UpstreamFormat = {
  name: 'anthropic-messages',
  answerMark: '"content"',
  writeChat,
  reader: () => new AnthropicReplyReader(),
  readError,
}
