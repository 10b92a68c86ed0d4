import { asObject } from '../core/json.ts'
import type { Attempt } from '../core/provider.ts'
import { parseMember, replaceMember, scanMembers } from '../wire/json-scan.ts'
import { spliceMembers } from '../wire/json-splice.ts'

/**
 * OpenAI reports the usage of a stream only when asked. The gateway always asks, and takes the event out again for
 * clients that did not.
 */
export function askForUsage({ stream, format, body }: Attempt): Buffer | string {
  if (!stream || !ASKED.has(format.name)) return body
  if (!body.includes('"stream_options"')) return spliceMembers(body, INCLUDE_USAGE)
  return withIncludeUsage(body)
}

/** OpenAI's newer formats tell it unasked. */
const ASKED: ReadonlySet<string> = new Set(['openai-chat', 'openai-completions'])

const INCLUDE_USAGE = { stream_options: { include_usage: true } }

/** The words may stand in a message, and the client may have asked for other options, or for no usage. */
function withIncludeUsage(body: Buffer | string): Buffer | string {
  const json = Buffer.from(body)
  const member = scanMembers(json)?.findLast(({ name }) => name === 'stream_options')
  if (!member) return spliceMembers(body, INCLUDE_USAGE)
  const options = asObject(parseMember(json, member))
  if (options['include_usage'] === true) return body
  return replaceMember(json, member, { ...options, include_usage: true })
}
