import type { TokenLogprob } from '../../src/core/events.ts'
import { effortOf } from '../../src/core/reasoning.ts'
import type { ChatRequest, Part } from '../../src/core/request.ts'
import {
  foreignSignatures,
  mapParts,
  mapReplyParts,
  noField,
  type DialectScenarios,
  type Loss,
} from './support.ts'

const DIALECT = 'openai-responses'

const signatures = foreignSignatures(DIALECT, 'messages.signature')

/** What the Responses API has no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('topK', 'there is no such field'),
  noField('stop', 'there is no such field'),
  noField('seed', 'there is no such field'),
  noField('presencePenalty', 'there is no such field'),
  noField('frequencyPenalty', 'there is no such field'),
  noField('logitBias', 'there is no such field'),
  {
    name: 'cache',
    reason: 'prompts are cached without marks',
    without: ({ cache: _cache, tools, ...rest }) => ({
      ...mapParts(rest, withoutCache),
      ...(tools && { tools: tools.map((tool) => (tool.type === 'function' ? withoutCache(tool) : tool)) }),
    }),
  },
  {
    name: 'reasoning.budgetTokens',
    reason: 'thinking has an effort in place of a budget',
    without: (request) => {
      const { budgetTokens, ...reasoning } = request.reasoning ?? {}
      if (budgetTokens === undefined) return request
      const effort = effortOf({ budgetTokens, ...reasoning })
      return { ...request, reasoning: { ...reasoning, ...(effort && { effort }) } }
    },
  },
  {
    name: 'reasoning.isAdaptive',
    reason: 'how much to think is left to the model by saying nothing',
    without: (request) => {
      const { reasoning, ...rest } = request
      const { isAdaptive, ...kept } = reasoning ?? {}
      if (!isAdaptive) return request
      return Object.keys(kept).length === 0 ? rest : { ...rest, reasoning: kept }
    },
  },
  {
    name: 'messages.isError',
    reason: 'the result of a failed call is a result like others',
    without: (request) =>
      mapParts(request, (part) => {
        if (part.type !== 'tool-result') return part
        const { isError: _isError, ...rest } = part
        return rest
      }),
  },
  {
    name: '',
    reason: 'schemas and files must have a name',
    without: (request) => {
      const { responseFormat, ...rest } = mapParts(request, withName)
      if (responseFormat?.type !== 'json-schema')
        return { ...rest, ...(responseFormat && { responseFormat }) }
      return { ...rest, responseFormat: { ...responseFormat, name: responseFormat.name ?? 'answer' } }
    },
  },
  {
    name: 'messages.thinking',
    reason: 'only encrypted thoughts of its own models are taken back',
    without: (request) =>
      mapParts(request, (part) =>
        (part.type === 'thinking' || part.type === 'redacted-thinking') && part.state?.dialect !== DIALECT
          ? undefined
          : part,
      ),
  },
  { name: signatures.name, reason: signatures.reason, without: (request) => signatures.without(request) },
] satisfies Loss<ChatRequest>[]

function withName(part: Part): Part {
  if (part.type !== 'file' || part.source.kind !== 'base64') return part
  return { ...part, name: part.name ?? 'file.pdf' }
}

function withoutCache<Value extends object>(value: Value): Value {
  if (!('cache' in value)) return value
  const { cache: _cache, ...rest } = value
  return rest as Value
}

/** What responses have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
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
    reason: 'sources are named but not quoted',
    without: (reply) =>
      mapReplyParts(reply, (part) => ({
        ...part,
        annotations: part.annotations.map(({ citedText: _text, ...annotation }) => annotation),
      })),
  },
  {
    name: '',
    reason: 'a source always says where it belongs, if only to all of the text',
    side: 'client',
    without: (reply) =>
      mapReplyParts(reply, (part) => ({
        ...part,
        annotations: part.annotations.map((annotation) => ({
          start: 0,
          end: part.text.length,
          ...annotation,
        })),
      })),
  },
  {
    name: '',
    reason: 'what is written to a cache is counted whatever its time',
    without: ({ usage, ...rest }) => {
      const { cacheWrite1hTokens, ...kept } = usage
      if (cacheWrite1hTokens === undefined) return { usage, ...rest }
      return {
        ...rest,
        usage: { ...kept, cacheWriteTokens: (kept.cacheWriteTokens ?? 0) + cacheWrite1hTokens },
      }
    },
  },
  {
    name: '',
    reason: 'there is one answer',
    without: ({ candidates, ...rest }) => ({ ...rest, candidates: candidates.slice(0, 1) }),
  },
  {
    name: '',
    reason: 'tokens have bytes, even when a provider gave none',
    side: 'client',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map((candidate) => ({
        ...candidate,
        logprobs: candidate.logprobs.map((token) => ({
          ...withBytes(token),
          alternatives: token.alternatives.map(withBytes),
        })),
      })),
    }),
  },
  {
    name: '',
    reason: 'models of this API sign neither calls nor texts',
    side: 'provider',
    without: (reply) =>
      mapReplyParts(reply, (part) => {
        if ((part.kind !== 'text' && part.kind !== 'tool-call') || !part.state) return part
        const { state: _state, ...rest } = part
        return rest
      }),
  },
]

function withBytes<Token extends Pick<TokenLogprob, 'token' | 'bytes'>>(token: Token): Token {
  return { ...token, bytes: token.bytes ?? [...Buffer.from(token.token)] }
}
