import type { ChatRequest, Part } from '../../src/core/request.ts'
import {
  foreignSignatures,
  foreignThinking,
  mapParts,
  mapReplyParts,
  noField,
  type DialectScenarios,
} from './support.ts'

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
  {
    name: 'parallelToolCalls',
    reason: 'models always may call several tools at once',
    without: ({ parallelToolCalls, ...rest }) =>
      parallelToolCalls === true ? { parallelToolCalls, ...rest } : rest,
  },
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
  {
    name: 'toolChoice.names',
    reason: 'only the wanted tools are shown',
    without: withWantedTools,
  },
  {
    name: 'responseFormat',
    reason: 'JSON without a schema can only be asked for',
    without: ({ responseFormat, ...rest }) => {
      if (responseFormat?.type !== 'json') return { ...rest, ...(responseFormat && { responseFormat }) }
      const text = 'Answer with one JSON object and nothing else: no introduction, no code fence.'
      return {
        ...rest,
        messages: [{ role: 'system', parts: [{ type: 'text', text }], extras: {} }, ...rest.messages],
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
    name: '',
    reason: 'a refusal is a text',
    without: (request) =>
      mapParts(request, (part) => (part.type === 'refusal' ? { type: 'text', text: part.text } : part)),
  },
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
  foreignSignatures('bedrock', 'messages.signature'),
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
  {
    name: '',
    reason: 'a refusal is a text',
    without: (reply) =>
      mapReplyParts(reply, (part) => (part.kind === 'refusal' ? { ...part, kind: 'text' } : part)),
  },
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

function withWantedTools(request: ChatRequest): ChatRequest {
  const { toolChoice, tools = [] } = request
  if (!toolChoice || !('names' in toolChoice) || !toolChoice.names) return request
  const { names, type } = toolChoice
  const wanted = tools.filter((tool) => tool.type === 'hosted' || names.includes(tool.name))
  return { ...request, tools: wanted, toolChoice: { type } }
}

/** Marks the last part of a request. */
function markLast({ messages }: ChatRequest): (part: Part) => Part {
  const last = messages.at(-1)?.parts.at(-1)
  return (part) => (part === last && part.type === 'text' ? { ...part, cache: {} } : part)
}
