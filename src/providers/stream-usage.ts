import { asObject, isObject } from '../core/json.ts'
import type { Attempt } from '../core/provider.ts'
import { spliceMembers } from '../wire/json-splice.ts'

/**
 * OpenAI reports the usage of a stream only when asked. The gateway always asks, and takes the event out again for
 * clients that did not.
 */
export function askForUsage({ stream, format, body }: Attempt): Buffer | string {
  if (!stream || format.operation !== 'chat') return body
  if (!body.includes('"stream_options"')) return spliceMembers(body, INCLUDE_USAGE)
  return withIncludeUsage(body)
}

const INCLUDE_USAGE = { stream_options: { include_usage: true } }

/** The words may stand in a message, and the client may have asked for other options, or for no usage. */
function withIncludeUsage(body: Buffer | string): Buffer | string {
  const request: unknown = JSON.parse(body.toString())
  if (!isObject(request)) return body
  if (request['stream_options'] === undefined) return spliceMembers(body, INCLUDE_USAGE)
  const options = asObject(request['stream_options'])
  if (options['include_usage'] === true) return body
  return JSON.stringify({ ...request, stream_options: { ...options, include_usage: true } })
}
