import type { ChatFormat } from '../../core/dialect.ts'
import { sse } from '../../wire/sse.ts'
import { readPlainError } from '../plain-error.ts'
import { completeReader } from './read-reply.ts'
import { writeChat } from './write-request.ts'

/**
 * `POST /studio/v1/{model}/complete` of AI21's Jurassic-2 models: a prompt is completed, in one piece. (Jamba speaks
 * OpenAI's chat.) Spec: https://docs.ai21.com/reference/j2-complete-ref
 */
export const ai21Complete: ChatFormat = {
  operation: 'chat',
  name: 'ai21-complete',
  answerMark: '"completions"',
  framing: sse,
  write: writeChat,
  reader: completeReader,
  readError: readPlainError,
}
