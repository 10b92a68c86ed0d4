import type { ChatFormat } from '../../core/dialect.ts'
import { sse } from '../../wire/sse.ts'
import { readPlainError } from '../plain-error.ts'
import { TgiReplyReader } from './read-reply.ts'
import { writeChat } from './write-request.ts'

/**
 * `POST /generate` and `/generate_stream` of Hugging Face's Text Generation Inference: a prompt is completed.
 * Spec: https://huggingface.github.io/text-generation-inference/
 */
export const tgiGenerate: ChatFormat = {
  operation: 'chat',
  name: 'tgi-generate',
  answerMark: '"generated_text"',
  framing: sse,
  write: writeChat,
  reader: (target) => new TgiReplyReader(target),
  readError: readPlainError,
}
