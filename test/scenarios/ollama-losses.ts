import { wantsThinking } from '../../src/core/reasoning.ts'
import { refusedAsText, withoutStopSequence } from './reply-losses.ts'
import {
  alwaysParallel,
  developerAsSystem,
  foreignSignatures,
  noField,
  onlyReadableThinking,
  refusalAsText,
  schemaAlone,
  withoutCache,
  withoutIsError,
  withoutStrict,
} from './request-losses.ts'
import { mapReplyParts, type DialectScenarios } from './support.ts'

/** What Ollama's requests have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('logitBias', 'Ollama biases no tokens'),
  noField('endUser', 'Ollama is not told of end users'),
  alwaysParallel('Ollama always may call several tools at once'),
  withoutCache('Ollama caches by itself'),
  withoutStrict('arguments are not bound to their schema'),
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
  schemaAlone,
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
  refusalAsText,
  developerAsSystem,
  withoutIsError('that a tool failed is told by its text alone'),
  onlyReadableThinking(
    'ollama',
    'what is signed is thinking of other models, whose state is never sent to a provider',
  ),
  foreignSignatures('ollama'),
]

/** What Ollama's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  refusedAsText,
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
  withoutStopSequence,
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
