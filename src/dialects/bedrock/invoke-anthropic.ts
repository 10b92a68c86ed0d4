import type { ChatFormat, Frame } from '../../core/dialect.ts'
import { writeFrame } from '../../wire/sse.ts'
import { writeErrorObject } from '../anthropic/errors.ts'
import { anthropicMessages } from '../anthropic/index.ts'
import { readError, readException } from './errors.ts'

/**
 * Claude's own API behind `/model/{id}/invoke` and `/invoke-with-response-stream`: the provider takes its events out of
 * Amazon's, so that bytes pass through. Refusals are Bedrock's.
 */
export const bedrockAnthropic: ChatFormat = { ...anthropicMessages, readError }

/** One of Bedrock's exceptions as an event of Claude's API. */
export function writeAnthropicException({ event = '', data }: Frame): string {
  const error = readException(event.replace('exception:', ''), data)
  return writeFrame(JSON.stringify(writeErrorObject(error)), 'error')
}
