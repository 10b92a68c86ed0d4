import type { ForwardedFormat, ForwardedOperation } from '../../core/dialect.ts'
import { asNumber, asObject, isObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { readError } from './errors.ts'

/** One of OpenAI's APIs that is handed on and not translated, and where it is below the base URL. */
export interface ForwardedApi {
  format: ForwardedFormat
  path: string
}

/**
 * OpenAI's pictures, sound, moderation and compaction of conversations.
 * Spec: https://platform.openai.com/docs/api-reference/images, .../audio and .../moderations
 */
export const FORWARDED_APIS: readonly ForwardedApi[] = [
  api('image-generation', '/images/generations'),
  api('image-edit', '/images/edits'),
  api('image-variation', '/images/variations'),
  api('speech', '/audio/speech'),
  api('transcription', '/audio/transcriptions'),
  api('translation', '/audio/translations'),
  api('moderation', '/moderations'),
  api('compaction', '/responses/compact'),
]

/** The APIs for these operations only, for providers that have no others. */
export function forwardedApis(...operations: readonly ForwardedOperation[]): ForwardedApi[] {
  return FORWARDED_APIS.filter(({ format }) => operations.includes(format.operation))
}

function api(operation: ForwardedOperation, path: string): ForwardedApi {
  // What is handed on is not read, so no word of an answer is waited for.
  return {
    format: { operation, name: `openai-${operation}`, answerMark: '', readError, usage: readUsage },
    path,
  }
}

/** Pictures and newer transcriptions say `input_tokens` and `output_tokens`, with details by kind. */
function readUsage(body: Buffer): Usage | undefined {
  const usage = findLastObject(body, 'usage')
  if (!isObject(usage)) return undefined
  const read: Usage = {}
  const input = asNumber(usage['input_tokens'])
  const output = asNumber(usage['output_tokens'])
  const total = asNumber(usage['total_tokens'])
  const details = asObject(usage['input_tokens_details'] ?? usage['input_token_details'])
  const images = asNumber(details['image_tokens'])
  const audio = asNumber(details['audio_tokens'])
  if (input !== undefined) read.inputTokens = input
  if (output !== undefined) read.outputTokens = output
  if (total !== undefined) read.totalTokens = total
  if (images !== undefined) read.inputImageTokens = images
  if (audio !== undefined) read.inputAudioTokens = audio
  return Object.keys(read).length > 0 ? read : undefined
}
