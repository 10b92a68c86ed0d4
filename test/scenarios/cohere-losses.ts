import type { CollectedCandidate, CollectedReply } from '../../src/core/collect.ts'
import { budgetOf, wantsThinking } from '../../src/core/reasoning.ts'
import type { ChatRequest, Message, Part, Tool } from '../../src/core/request.ts'
import {
  foreignSignatures,
  foreignThinking,
  mapParts,
  mapReplyParts,
  noField,
  type DialectScenarios,
} from './support.ts'

/** What Cohere's requests have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('logitBias', 'Cohere biases no tokens'),
  noField('endUser', 'Cohere is not told of end users'),
  {
    name: 'parallelToolCalls',
    reason: 'Cohere always may call several tools at once',
    without: ({ parallelToolCalls, ...rest }) =>
      parallelToolCalls === true ? { parallelToolCalls, ...rest } : rest,
  },
  {
    name: 'logprobs.alternatives',
    reason: 'only the chosen tokens are told',
    without: ({ logprobs, ...rest }) => ({ ...rest, ...(logprobs && { logprobs: { alternatives: 0 } }) }),
  },
  {
    name: 'cache',
    reason: 'Cohere caches by itself',
    without: ({ cache: _cache, tools, ...rest }) => {
      const request = mapParts(rest, withoutCache)
      return tools ? { ...request, tools: tools.map(withoutCache) } : request
    },
  },
  {
    name: 'toolChoice',
    reason: 'no single tool can be chosen: only the wanted ones are given',
    without: withWantedTools,
  },
  {
    name: '',
    reason: 'without a choice the model is free',
    without: ({ toolChoice, ...rest }) =>
      toolChoice && toolChoice.type !== 'auto' ? { ...rest, toolChoice } : rest,
  },
  {
    name: '',
    reason: 'a schema has no name, and is always followed strictly',
    without: ({ responseFormat, ...rest }) => {
      if (responseFormat?.type !== 'json-schema')
        return { ...rest, ...(responseFormat && { responseFormat }) }
      return { ...rest, responseFormat: { type: 'json-schema', schema: responseFormat.schema } }
    },
  },
  {
    name: '',
    reason: 'an effort is a budget, if it is less than the whole answer may have',
    without: withBudget,
  },
  {
    name: '',
    reason: 'a refusal is a text',
    without: (request) =>
      mapParts(request, (part) => (part.type === 'refusal' ? { type: 'text', text: part.text } : part)),
  },
  {
    name: '',
    reason: 'there is one kind of instructions',
    without: ({ messages, ...rest }) => ({
      ...rest,
      messages: messages.map((message) =>
        message.role === 'developer' ? { ...message, role: 'system' } : message,
      ),
    }),
  },
  {
    name: 'messages.isError',
    reason: 'that a tool failed is told by its text alone',
    without: (request) => mapParts(request, withoutError),
  },
  {
    name: 'messages.toolResult.parts',
    reason: 'results are texts; pictures follow them',
    without: ({ messages, ...rest }) => ({ ...rest, messages: messages.flatMap(withMediaAfter) }),
  },
  // On both sides: the writing of these cases cannot be what a client reads them from. Unit tests read tagged state.
  {
    name: 'messages.thinking',
    reason: 'state of other models is never sent to a provider, and Cohere has no redacted thinking',
    without: (request) =>
      mapParts(foreignThinking('cohere').without(request), (part) =>
        part.type === 'redacted-thinking' ? undefined : part,
      ),
  },
  {
    name: '',
    reason: 'Cohere signs nothing',
    without: (request) =>
      mapParts(request, (part) => (part.type === 'thinking' ? { type: 'thinking', text: part.text } : part)),
  },
  {
    name: 'messages.signature',
    reason: 'state of other models is never sent to a provider',
    without: (request) => foreignSignatures('cohere', '').without(request),
  },
]

/** What Cohere's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  {
    name: '',
    reason: 'a refusal is a text',
    without: (reply) =>
      mapReplyParts(reply, (part) => (part.kind === 'refusal' ? { ...part, kind: 'text' } : part)),
  },
  {
    name: '',
    reason: 'Cohere makes no media',
    without: (reply) => mapReplyParts(reply, (part) => (part.kind === 'media' ? undefined : part)),
  },
  {
    name: '',
    reason: 'Cohere signs nothing',
    without: (reply) =>
      mapReplyParts(reply, (part) => {
        if (part.state?.dialect !== 'cohere') return part
        if (part.kind === 'redacted-thinking') return undefined
        const { state: _state, ...rest } = part
        return rest
      }),
  },
  {
    name: '',
    reason: 'signatures of other models come from no provider of this dialect',
    side: 'provider',
    without: (reply) =>
      mapReplyParts(reply, (part) => {
        if (part.kind === 'redacted-thinking') return part
        const { state: _state, ...rest } = part
        return rest
      }),
  },
  {
    name: '',
    reason: 'there is one answer',
    without: ({ candidates, ...rest }) => ({ ...rest, candidates: candidates.slice(0, 1) }),
  },
  {
    name: '',
    reason: 'the stop sequence is not said',
    without: (reply) =>
      mapCandidates(reply, ({ end, ...candidate }) => {
        if (!end) return candidate
        const { stopSequence: _sequence, ...kept } = end
        return { ...candidate, end: kept }
      }),
  },
  {
    name: '',
    reason: 'a token has neither bytes nor alternatives',
    without: (reply) =>
      mapCandidates(reply, (candidate) => ({
        ...candidate,
        logprobs: candidate.logprobs.map(({ token, logprob }) => ({ token, logprob, alternatives: [] })),
      })),
  },
  {
    name: '',
    reason: 'neither the time nor what is written to a cache is told, and sounds are not counted',
    without: ({ createdAt: _time, usage, ...rest }) => {
      const { cacheWriteTokens: _short, cacheWrite1hTokens: _long, ...kept } = usage
      const { inputAudioTokens: _in, outputAudioTokens: _out, outputImageTokens: _image, ...counted } = kept
      return { ...rest, usage: counted }
    },
  },
]

function mapCandidates(
  reply: CollectedReply,
  change: (candidate: CollectedCandidate) => CollectedCandidate,
): CollectedReply {
  return { ...reply, candidates: reply.candidates.map(change) }
}

function withWantedTools(request: ChatRequest): ChatRequest {
  const { toolChoice, tools } = request
  if (!toolChoice || toolChoice.type === 'none') return request
  const names = toolChoice.type === 'tool' ? [toolChoice.name] : toolChoice.names
  if (!names || !tools) return request
  const wanted = tools.filter((tool: Tool) => tool.type === 'function' && names.includes(tool.name))
  return { ...request, tools: wanted, toolChoice: { type: toolChoice.type === 'auto' ? 'auto' : 'required' } }
}

function withBudget({ reasoning, ...rest }: ChatRequest): ChatRequest {
  if (!reasoning) return rest
  if (!wantsThinking(reasoning)) return { ...rest, reasoning: { effort: 'none' } }
  const budget = budgetOf(reasoning)
  const fits = reasoning.budgetTokens !== undefined || (budget ?? 0) < (rest.maxTokens ?? Infinity)
  return {
    ...rest,
    reasoning: budget === undefined || !fits ? { isAdaptive: true } : { budgetTokens: budget },
  }
}

function withoutError(part: Part): Part {
  if (part.type !== 'tool-result') return part
  const { isError: _error, ...rest } = part
  return rest
}

function withoutCache<Value extends object>(value: Value): Value {
  if (!('cache' in value)) return value
  const { cache: _cache, ...rest } = value
  return rest as Value
}

function withMediaAfter(message: Message): Message[] {
  const media: Part[] = []
  const parts = message.parts.map((part) => {
    if (part.type !== 'tool-result') return part
    media.push(...part.parts.filter(({ type }) => type === 'image'))
    return { ...part, parts: part.parts.filter(({ type }) => type !== 'image') }
  })
  return [{ ...message, parts }, ...(media.length > 0 ? [{ role: 'user', parts: media, extras: {} }] : [])]
}
