import type { ChatRequest, Part } from '../../src/core/request.ts'
import { refusedAsText } from './reply-losses.ts'
import {
  JSON_INSTRUCTION,
  alwaysParallel,
  developerAsSystem,
  foreignSignatures,
  foreignThinking,
  instructionsFirst,
  noField,
  onlyNamedTools,
  refusalAsText,
} from './request-losses.ts'
import { mapParts, mapReplyParts, type DialectScenarios } from './support.ts'

/** What Converse's requests have no place for, with a model of which nothing is known. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('seed', 'Converse has no seed'),
  noField('presencePenalty', 'Converse has no penalties'),
  noField('frequencyPenalty', 'Converse has no penalties'),
  noField('logitBias', 'Converse biases no tokens'),
  noField('logprobs', 'Converse tells no odds'),
  noField('endUser', 'Converse is not told of end users'),
  noField('topK', 'each family of models has its own word for it'),
  noField('reasoning', 'each family of models has its own word for it'),
  alwaysParallel('models always may call several tools at once'),
  {
    name: '',
    reason: 'that a request streams is said by its path',
    without: (request) => ({ ...request, stream: false }),
  },
  {
    name: '',
    reason: 'without a choice no tool is shown',
    without: ({ tools, toolChoice, ...rest }) => {
      if (toolChoice?.type === 'none') return rest
      return { ...rest, ...(tools && { tools }), ...(toolChoice && { toolChoice }) }
    },
  },
  onlyNamedTools('only the wanted tools are shown'),
  {
    name: 'responseFormat',
    reason: 'JSON without a schema can only be asked for',
    without: ({ responseFormat, ...rest }) => {
      if (responseFormat?.type !== 'json') return { ...rest, ...(responseFormat && { responseFormat }) }
      return {
        ...rest,
        messages: [
          { role: 'system', parts: [{ type: 'text', text: JSON_INSTRUCTION }], extras: {} },
          ...rest.messages,
        ],
      }
    },
  },
  {
    name: '',
    reason: 'a schema is always followed strictly',
    without: ({ responseFormat, ...rest }) => {
      if (responseFormat?.type !== 'json-schema')
        return { ...rest, ...(responseFormat && { responseFormat }) }
      const { strict: _strict, ...format } = responseFormat
      return { ...rest, responseFormat: format }
    },
  },
  developerAsSystem,
  instructionsFirst,
  refusalAsText,
  {
    name: '',
    reason: 'a cache point stands behind what it marks',
    without: ({ cache, ...rest }) => (cache ? mapParts(rest, markLast(rest)) : rest),
  },
  {
    name: 'messages.thinking',
    reason: 'thinking without a signature is taken by no model',
    without: (request) =>
      mapParts(request, (part) => (part.type === 'thinking' && !part.state ? undefined : part)),
  },
  foreignThinking('bedrock'),
  foreignSignatures('bedrock'),
]

/** What Converse's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  {
    name: '',
    reason: 'an answer has neither id nor time, and thinking is not counted apart',
    without: ({ id: _id, createdAt: _time, usage, ...rest }) => {
      const { reasoningTokens: _reasoning, ...counted } = usage
      return { ...rest, usage: counted }
    },
  },
  refusedAsText,
  {
    name: '',
    reason: "other models' signatures come from no model on Bedrock",
    without: (reply) =>
      mapReplyParts(reply, (part) => {
        if (part.kind === 'redacted-thinking' || part.state?.dialect === 'bedrock') return part
        const { state: _state, ...rest } = part
        return rest
      }),
  },
  {
    name: '',
    reason: 'neither the stop sequence nor the odds of tokens are told',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map(({ parts, end }) => ({
        parts,
        logprobs: [],
        ...(end && { end: { reason: end.reason } }),
      })),
    }),
  },
]

/** Marks the last part of a request. */
function markLast({ messages }: ChatRequest): (part: Part) => Part {
  const last = messages.at(-1)?.parts.at(-1)
  return (part) => (part === last && part.type === 'text' ? { ...part, cache: {} } : part)
}
