import type { ChatFormat, CountFormat } from '../../core/dialect.ts'
import { asNumber } from '../../core/json.ts'
import { eventStream } from '../../wire/sse.ts'
import { parseAnswer, withoutAnswer } from '../openai/answer.ts'
import { readError } from '../openai/errors.ts'
import { ResponsesReplyReader } from './read-reply.ts'
import { writeChat, writeCount } from './write-request.ts'

/** Events carry pictures whole. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024

/** `POST /v1/responses`, as OpenAI, Azure, xAI and others speak it. */
export const openAiResponses: ChatFormat = {
  name: 'openai-responses',
  operation: 'chat',
  answerMark: '"output"',
  framing: eventStream(MAX_EVENT_BYTES),
  write: writeChat,
  reader: () => new ResponsesReplyReader(),
  readError,
}

/** `POST /v1/responses/input_tokens`. */
export const openAiInputTokens: CountFormat = {
  name: 'openai-input-tokens',
  operation: 'count-tokens',
  answerMark: '"input_tokens"',
  write: writeCount,
  read(body): number {
    const answer = parseAnswer(body)
    const count = asNumber(answer['input_tokens'])
    if (count === undefined) throw withoutAnswer(answer, 'input_tokens')
    return count
  },
  readError,
}
