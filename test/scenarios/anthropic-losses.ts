import type { CollectedReply } from '../../src/core/collect.ts'
import { budgetOf, wantsThinking } from '../../src/core/reasoning.ts'
import type { ChatRequest, Message } from '../../src/core/request.ts'
import { refusedAsText, unsignedAnswers, withoutMedia } from './reply-losses.ts'
import {
  JSON_INSTRUCTION,
  bothSides,
  developerAsSystem,
  foreignSignatures,
  instructionsFirst,
  noField,
  onlyNamedTools,
  onlyOwnThinking,
  refusalAsText,
  schemaAlone,
  withoutDetail,
} from './request-losses.ts'
import { mapReplyParts, type DialectScenarios } from './support.ts'

/** What requests to Anthropic have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('seed', 'there is no seed'),
  noField('presencePenalty', 'there are no penalties'),
  noField('frequencyPenalty', 'there are no penalties'),
  noField('logitBias', 'tokens are not biased'),
  noField('logprobs', 'probabilities are not told'),
  {
    name: '',
    reason: 'an answer has a limit',
    without: (request) => ({ ...request, maxTokens: roomOf(request) }),
  },
  {
    name: '',
    reason: 'models that take budgets are not told an effort',
    without: ({ reasoning, ...request }) => ({ ...request, ...withBudget(reasoning, request) }),
  },
  {
    name: 'reasoning',
    reason: 'an answer this short has no room for the least budget',
    without: ({ reasoning, ...request }) => {
      const { budgetTokens } = reasoning ?? {}
      if (!reasoning || !budgetTokens) return { ...request, ...(reasoning && { reasoning }) }
      const room = roomOf({ ...request, reasoning })
      const budget = budgetTokens < room ? budgetTokens : shareOf(room)
      return budget < 1024 ? request : { ...request, reasoning }
    },
  },
  onlyNamedTools('the tools that may not be chosen are not shown'),
  schemaAlone,
  developerAsSystem,
  instructionsFirst,
  {
    name: 'responseFormat',
    reason: 'JSON without a schema can only be asked for',
    without: ({ responseFormat, messages, ...request }) => {
      if (responseFormat?.type !== 'json') {
        return { ...request, messages, ...(responseFormat && { responseFormat }) }
      }
      const asked: Message = { role: 'system', parts: [{ type: 'text', text: JSON_INSTRUCTION }], extras: {} }
      const rest = messages.filter((message) => !isInstruction(message))
      return { ...request, messages: [...messages.filter(isInstruction), asked, ...rest] }
    },
  },
  withoutDetail('images are looked at as they are'),
  refusalAsText,
  // These two on both sides: the writing of such a case cannot be what a client reads it from. Unit tests read tagged state.
  onlyOwnThinking('anthropic', 'thinking that Anthropic has not signed would be refused'),
  bothSides(foreignSignatures('anthropic')),
]

/** What Anthropic's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  {
    name: '',
    reason: 'ids begin with msg_',
    side: 'client',
    without: ({ id, ...reply }) => ({
      ...reply,
      ...(id !== undefined && { id: id.startsWith('msg_') ? id : `msg_${id}` }),
    }),
  },
  {
    name: '',
    reason: 'a message has no date',
    without: ({ createdAt: _createdAt, ...reply }) => reply,
  },
  {
    name: '',
    reason: 'there is one answer, without probabilities',
    without({ candidates: [first], ...reply }) {
      return { ...reply, candidates: first ? [{ ...first, logprobs: [] }] : [] }
    },
  },
  {
    name: '',
    reason: 'a refused answer ends as one',
    without: refusedAtEnd,
  },
  { ...refusedAsText, side: 'client' },
  withoutMedia("Anthropic's models make no media; clients get a block that is not read back here"),
  unsignedAnswers("Anthropic's models sign nothing but their thinking"),
  {
    name: '',
    reason: 'a citation says its place in the source, not in the text',
    side: 'provider',
    without: (reply) =>
      mapReplyParts(reply, (part) => ({
        ...part,
        annotations: part.annotations.map(({ start: _start, end: _end, ...annotation }) => annotation),
      })),
  },
]

function isInstruction({ role }: Message): boolean {
  return role === 'system'
}

function roomOf({ maxTokens, reasoning }: ChatRequest): number {
  return maxTokens ?? (wantsThinking(reasoning) ? 32_000 : 8192)
}

function withBudget(
  reasoning: ChatRequest['reasoning'],
  request: Omit<ChatRequest, 'reasoning'>,
): Pick<ChatRequest, 'reasoning'> {
  if (!reasoning) return {}
  const { effort, ...rest } = reasoning
  if (effort === undefined || effort === 'none' || rest.isAdaptive || rest.budgetTokens !== undefined) {
    return { reasoning }
  }
  const most = shareOf(roomOf({ ...request, reasoning }))
  return { reasoning: { ...rest, budgetTokens: Math.min(budgetOf({ effort }) ?? 0, most) } }
}

/** How much of an answer may be thinking. */
function shareOf(room: number): number {
  return Math.floor(room * 0.8)
}

function refusedAtEnd({ candidates, ...reply }: CollectedReply): CollectedReply {
  return {
    ...reply,
    candidates: candidates.map((candidate) =>
      candidate.parts.some(({ kind }) => kind === 'refusal')
        ? { ...candidate, end: { reason: 'content_filter' } }
        : candidate,
    ),
  }
}
