import type { ReplyEvent } from '../../src/core/events.ts'

/**
 * What is wrong with the order of a complete reply's events:
 * `reply-start (part-start (part-delta | annotation)* part-end)* candidate-end usage reply-end`, parts of each candidate
 * counted from 0. Empty when nothing is.
 */
export function disorderOf(events: readonly ReplyEvent[]): string[] {
  const problems: string[] = []
  const open = new Set<string>()
  const parts = new Map<number, number>()
  const ended = new Set<number>()
  if (events[0]?.type !== 'reply-start') problems.push('does not begin with reply-start')
  if (events.at(-1)?.type !== 'reply-end') problems.push('does not end with reply-end')
  for (const [index, event] of events.entries()) {
    const say = (problem: string): void => void problems.push(`${index} ${event.type}: ${problem}`)
    switch (event.type) {
      case 'reply-start':
        if (index > 0) say('again')
        break
      case 'reply-end':
        if (index < events.length - 1) say('before the end')
        if (open.size > 0) say(`parts ${[...open].join(' ')} are open`)
        break
      case 'part-start': {
        const next = parts.get(event.candidate) ?? 0
        if (event.part !== next) say(`part ${event.part} in place of ${next}`)
        if (ended.has(event.candidate)) say('after its candidate-end')
        parts.set(event.candidate, next + 1)
        open.add(`${event.candidate}.${event.part}`)
        break
      }
      case 'part-delta':
      case 'annotation':
        if (!open.has(`${event.candidate}.${event.part}`)) say('outside its part')
        break
      case 'part-end':
        if (!open.delete(`${event.candidate}.${event.part}`)) say('of no open part')
        break
      case 'candidate-end':
        if (ended.has(event.candidate)) say('again')
        ended.add(event.candidate)
        break
      case 'logprobs':
      case 'usage':
      case 'error':
        break
    }
  }
  return problems
}
