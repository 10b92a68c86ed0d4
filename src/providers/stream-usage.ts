import type { Attempt } from '../core/provider.ts'
import { spliceMembers } from '../wire/json-splice.ts'

/**
 * OpenAI reports the usage of a stream only when asked. The gateway always asks, and takes the event out again for
 * clients that did not.
 */
export function askForUsage({ stream, operation, body }: Attempt): Buffer | string {
  if (!stream || operation !== 'chat' || body.includes('"stream_options"')) return body
  return spliceMembers(body, { stream_options: { include_usage: true } })
}
