import { asNumber } from '../../core/json.ts'
import { badResponse, parseAnswer } from './answer.ts'

/** The answer of `POST /v1/messages/count_tokens`. */
export function readCount(body: string): number {
  const count = asNumber(parseAnswer(body)['input_tokens'])
  if (count === undefined) throw badResponse('has no number of input tokens')
  return count
}

/** The other way. */
export function writeCountReply(inputTokens: number): string {
  return JSON.stringify({ input_tokens: inputTokens })
}
