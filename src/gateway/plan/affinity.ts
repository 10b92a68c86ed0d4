import { createHash } from 'node:crypto'
import type { Call } from '../../core/call.ts'
import type { ChatRequest } from '../../core/request.ts'
import type { AffinitySettings } from '../../core/plan-settings.ts'
import { reachable } from './selection.ts'
import type { Branch, Group, PlanTarget } from './plan.ts'
import { isTarget } from './plan.ts'

/** In which headers coding agents and others name their session. */
const SESSION_HEADERS = [
  'x-session-id',
  'x-session-affinity',
  'x-claude-code-session-id',
  'session_id',
  'session-id',
  'conversation_id',
  'x-opencode-session',
]

/**
 * What makes two requests parts of one conversation; undefined for one that belongs to none. Without settings only the
 * headers count, which cost nothing to read.
 */
export function conversationOf(call: Call, settings: AffinitySettings | undefined): string | undefined {
  const { caller, request } = call
  const by = settings?.by
  const session =
    by === undefined || by === 'session'
      ? SESSION_HEADERS.map((name) => caller.header(name)).find(Boolean)
      : undefined
  if (session !== undefined || by === undefined || request.operation !== 'chat') return session
  const chat = request.chat()
  switch (by) {
    case 'session':
      return promptCacheKey(chat) ?? chat.endUser ?? openingOf(chat)
    case 'prompt_cache_key':
      return promptCacheKey(chat)
    case 'user':
      return chat.endUser
    case 'messages':
      return openingOf(chat)
  }
}

function promptCacheKey({ extras }: ChatRequest): string | undefined {
  const key = extras['prompt_cache_key']
  return typeof key === 'string' && key !== '' ? key : undefined
}

/** Instructions and the first thing the user said: they stay while the conversation grows. */
function openingOf({ messages }: ChatRequest): string {
  const first = messages.findIndex(({ role }) => role === 'user')
  const opening = messages.slice(0, first === -1 ? 1 : first + 1).map(({ role, parts }) => ({ role, parts }))
  return createHash('sha256').update(JSON.stringify(opening)).digest('base64url')
}

/**
 * The target of a conversation: every worker comes to the same without asking another, in shares of the weights, and when
 * a target leaves or is unhealthy only its own conversations move (weighted rendezvous hashing).
 * Source: https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf
 */
export function targetFor(
  conversation: string,
  group: Group,
  { call, mayUse }: { call: Call; mayUse: (target: PlanTarget) => boolean },
): PlanTarget | undefined {
  const open = new Set(reachable(group, call).filter(mayUse))
  let best: { score: number; target: PlanTarget } | undefined
  for (const { target, weight } of weigh(group.branches, 1)) {
    if (!open.has(target)) continue
    const score = -weight / Math.log(hashOf(`${conversation} ${target.state.key}`))
    if (!best || score > best.score) best = { score, target }
  }
  return best?.target
}

function weigh(branches: readonly Branch[], share: number): { target: PlanTarget; weight: number }[] {
  const total = branches.reduce((sum, { weight }) => sum + weight, 0)
  return branches.flatMap(({ inside, weight }) => {
    const part = total === 0 ? 0 : (share * weight) / total
    return isTarget(inside) ? [{ target: inside, weight: part }] : weigh(inside.branches, part)
  })
}

/** Between 0 and 1, neither of them. */
function hashOf(text: string): number {
  const digest = createHash('sha256').update(text).digest()
  return (digest.readUInt32BE(0) + 0.5) / 2 ** 32
}
