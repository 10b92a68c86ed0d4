import { wantsThinking } from '../../src/core/reasoning.ts'
import type { ChatRequest, Part } from '../../src/core/request.ts'
import {
  foreignSignatures,
  foreignThinking,
  mapParts,
  mapReplyParts,
  noField,
  type DialectScenarios,
} from './support.ts'

/** What Ollama's requests have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('logitBias', 'Ollama biases no tokens'),
  noField('endUser', 'Ollama is not told of end users'),
  {
    name: 'parallelToolCalls',
    reason: 'Ollama always may call several tools at once',
    without: ({ parallelToolCalls, ...rest }) =>
      parallelToolCalls === true ? { parallelToolCalls, ...rest } : rest,
  },
  {
    name: 'cache',
    reason: 'Ollama caches by itself',
    without: ({ cache: _cache, tools, ...rest }) => {
      const request = mapParts(rest, withoutCache)
      return tools ? { ...request, tools: tools.map(withoutCache) } : request
    },
  },
  {
    name: 'tools.strict',
    reason: 'arguments are not bound to their schema',
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
    reason: 'without a choice the model is free',
    without: ({ toolChoice, ...rest }) =>
      toolChoice && (toolChoice.type !== 'auto' || toolChoice.names) ? { ...rest, toolChoice } : rest,
  },
  {
    name: 'toolChoice',
    reason: 'the model is always free: only the wanted tools are given',
    without: ({ toolChoice, tools, ...rest }) => {
      const names = toolChoice?.type === 'tool' ? [toolChoice.name] : undefined
      const wanted = toolChoice && 'names' in toolChoice ? toolChoice.names : names
      if (!tools || toolChoice?.type === 'none') return rest
      return {
        ...rest,
        tools: wanted ? tools.filter((tool) => 'name' in tool && wanted.includes(tool.name)) : tools,
      }
    },
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
    name: 'reasoning.effort',
    reason: 'most models think or do not',
    without: ({ reasoning, ...rest }) => {
      if (!reasoning?.effort || !wantsThinking(reasoning)) return { ...rest, ...(reasoning && { reasoning }) }
      return { ...rest, reasoning: { isAdaptive: true } }
    },
  },
  {
    name: 'reasoning.budgetTokens',
    reason: 'thinking has no budget',
    without: ({ reasoning, ...rest }) => {
      if (!reasoning?.budgetTokens) return { ...rest, ...(reasoning && { reasoning }) }
      return { ...rest, reasoning: { isAdaptive: true } }
    },
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
    name: 'messages.thinking',
    reason: 'what is signed is thinking of other models, whose state is never sent to a provider',
    without: withoutSignedThinking,
  },
  foreignSignatures('ollama', 'messages.signature'),
]

/** What Ollama's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  {
    name: '',
    reason: 'a refusal is a text',
    without: (reply) =>
      mapReplyParts(reply, (part) => (part.kind === 'refusal' ? { ...part, kind: 'text' } : part)),
  },
  {
    name: '',
    reason: 'nothing is signed or redacted',
    without: (reply) =>
      mapReplyParts(reply, (part) => {
        if (part.kind === 'redacted-thinking') return undefined
        const { state: _state, ...rest } = part
        return rest
      }),
  },
  {
    name: '',
    reason: 'an answer has no id',
    without: ({ id: _id, ...rest }) => rest,
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
    reason: 'only the prompt and the answer are counted',
    without: ({ usage, ...rest }) => {
      const { inputTokens, outputTokens, totalTokens } = usage
      return {
        ...rest,
        usage: {
          ...(inputTokens !== undefined && { inputTokens }),
          ...(outputTokens !== undefined && { outputTokens }),
          ...(totalTokens !== undefined && { totalTokens }),
        },
      }
    },
  },
]

function withoutSignedThinking(request: ChatRequest): ChatRequest {
  return mapParts(foreignThinking('ollama').without(request), (part) =>
    part.type === 'redacted-thinking' ? undefined : part,
  )
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
