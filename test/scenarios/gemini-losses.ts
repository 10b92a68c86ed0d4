import type { CollectedPart } from '../../src/core/collect.ts'
import type { Message, Part } from '../../src/core/request.ts'
import {
  foreignSignatures,
  foreignThinking,
  mapParts,
  mapReplyParts,
  noField,
  type DialectScenarios,
} from './support.ts'

/** What Gemini's requests have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('logitBias', 'Gemini biases no tokens'),
  noField('endUser', 'Gemini is not told of end users'),
  {
    name: 'parallelToolCalls',
    reason: 'Gemini always may call several tools at once',
    without: ({ parallelToolCalls, ...rest }) =>
      parallelToolCalls === true ? { parallelToolCalls, ...rest } : rest,
  },
  {
    name: 'cache',
    reason: 'Gemini caches by itself, and by handles that are made beforehand',
    without: ({ cache: _cache, tools, ...rest }) => {
      const request = mapParts(rest, withoutCache)
      return tools
        ? { ...request, tools: tools.map((tool) => ('cache' in tool ? withoutCache(tool) : tool)) }
        : request
    },
  },
  {
    name: 'tools.strict',
    reason: 'functions are not declared strict',
    without: ({ tools, ...rest }) => ({
      ...rest,
      ...(tools && {
        tools: tools.map((tool) => {
          if (tool.type === 'hosted') return tool
          const { strict: _strict, ...kept } = tool
          return kept
        }),
      }),
    }),
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
    name: 'messages.detail',
    reason: 'how closely to look is a setting of its own kind',
    without: (request) =>
      mapParts(request, (part) => {
        if (part.type !== 'image') return part
        const { detail: _detail, ...rest } = part
        return rest
      }),
  },
  {
    name: 'messages.file.name',
    reason: 'data in a request has no name',
    without: (request) =>
      mapParts(request, (part) => {
        if (part.type !== 'file') return part
        const { name: _name, ...rest } = part
        return rest
      }),
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
    name: 'messages.role',
    reason: 'instructions stand before the conversation',
    without: ({ messages, ...rest }) => ({
      ...rest,
      messages: [
        ...messages.filter(({ role }) => role === 'system'),
        ...messages.filter(({ role }) => role !== 'system'),
      ],
    }),
  },
  {
    name: 'messages.toolResult.parts',
    reason: 'results hold pictures from Gemini 3 on; other models see them after the result',
    without: ({ messages, ...rest }) => ({ ...rest, messages: messages.flatMap(withMediaAfter) }),
  },
  // On both sides: the writing of this case cannot be what a client reads it from. Unit tests read tagged state.
  {
    name: 'messages.thinking',
    reason: 'state of other models is never sent to a provider',
    without: (request) => foreignThinking('gemini').without(request),
  },
  foreignSignatures('gemini', 'messages.signature'),
]

/** What Gemini's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  {
    name: '',
    reason: 'a refusal is a text, where it is not the message of a filter',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map((candidate) =>
        candidate.end?.reason === 'content_filter'
          ? candidate
          : { ...candidate, parts: candidate.parts.map(asText) },
      ),
    }),
  },
  {
    name: '',
    reason: 'the stop sequence is not said',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map(({ end, ...candidate }) => {
        if (!end) return candidate
        const { stopSequence: _sequence, ...kept } = end
        return { ...candidate, end: kept }
      }),
    }),
  },
  {
    name: '',
    reason: 'a token has no bytes of its own',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map((candidate) => ({
        ...candidate,
        logprobs: candidate.logprobs.map(({ token, logprob, alternatives }) => ({
          token,
          logprob,
          alternatives: alternatives.map(({ bytes: _bytes, ...alternative }) => alternative),
        })),
      })),
    }),
  },
  {
    name: '',
    reason: 'sources are named but not quoted',
    without: (reply) =>
      mapReplyParts(reply, (part) => ({
        ...part,
        annotations: part.annotations.map(({ citedText: _text, ...annotation }) => annotation),
      })),
  },
  {
    name: '',
    reason: 'what is written to a cache is not counted',
    without: ({ usage, ...rest }) => {
      const { cacheWriteTokens: _short, cacheWrite1hTokens: _long, ...kept } = usage
      return { ...rest, usage: kept }
    },
  },
]

function asText(part: CollectedPart): CollectedPart {
  return part.kind === 'refusal' ? { ...part, kind: 'text' } : part
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
    media.push(...part.parts.filter(({ type }) => type !== 'text'))
    return { ...part, parts: part.parts.filter(({ type }) => type === 'text') }
  })
  return [{ ...message, parts }, ...(media.length > 0 ? [{ role: 'user', parts: media, extras: {} }] : [])]
}
