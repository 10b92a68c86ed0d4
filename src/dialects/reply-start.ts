import type { TargetModel } from '../core/dialect.ts'
import type { ReplyEvent } from '../core/events.ts'

/** The start of a reply that does not say which model gave it: the one that was asked. */
export function startOf({ model }: TargetModel, id?: string): ReplyEvent {
  return { type: 'reply-start', ...(id === undefined ? {} : { id }), ...(model === null ? {} : { model }) }
}
