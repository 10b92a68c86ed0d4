import type { ChatFormat, TargetModel, UpstreamFormat } from '../core/dialect.ts'
import { toGatewayError } from '../core/error.ts'
import type { ReplyEvent } from '../core/events.ts'
import { mergeUsage, type Usage } from '../core/usage.ts'

/** An answer in a provider's format, all of it. */
export interface WholeReply {
  readonly contentType: string
  readonly body: Buffer
}

/** What a chat's answer says, streamed or whole. What comes after a part that cannot be read is an `error` event. */
export function readReply(format: ChatFormat, target: TargetModel, reply: WholeReply): ReplyEvent[] {
  const { framing } = format
  const events: ReplyEvent[] = []
  const add = (more: readonly ReplyEvent[]): void => {
    for (const event of more) events.push(event)
  }
  try {
    const reader = format.reader(target)
    if (!framing.matches(reply.contentType)) {
      add(reader.whole(reply.body.toString('utf8')))
      return events
    }
    const splitter = framing.splitter()
    const complete = splitter.push(reply.body)
    const rest = splitter.rest()
    for (const frame of complete ? framing.parse(complete) : []) add(reader.frame(frame))
    if (rest.length > 0) {
      for (const frame of framing.parse(Buffer.concat([rest, Buffer.from(framing.terminator)])))
        add(reader.frame(frame))
    }
    add(reader.end?.() ?? [])
  } catch (error) {
    events.push({ type: 'error', error: toGatewayError(error) })
  }
  return events
}

/** The token counts of an answer; undefined where it says none. */
export function readUsage(format: UpstreamFormat, target: TargetModel, reply: WholeReply): Usage | undefined {
  if (format.operation === 'chat') return usageOf(readReply(format, target, reply))
  try {
    return 'usage' in format ? format.usage(reply.body) : undefined
  } catch {
    return undefined
  }
}

/** The last figures that the events tell. */
export function usageOf(events: readonly ReplyEvent[]): Usage | undefined {
  let usage: Usage | undefined
  for (const event of events) if (event.type === 'usage') usage = mergeUsage(usage, event.usage)
  return usage
}
