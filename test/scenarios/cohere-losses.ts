import { budgetOf, wantsThinking } from '../../src/core/reasoning.ts'
import type { ChatRequest, Tool } from '../../src/core/request.ts'
import { oneAnswer, refusedAsText, withoutMedia, withoutStopSequence } from './reply-losses.ts'
import {
  alwaysParallel,
  bothSides,
  developerAsSystem,
  foreignSignatures,
  mediaAfterResults,
  noField,
  onlyReadableThinking,
  refusalAsText,
  schemaAlone,
  withoutCache,
  withoutIsError,
} from './request-losses.ts'
import { mapCandidates, mapParts, mapReplyParts, type DialectScenarios } from './support.ts'

/** What Cohere's requests have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('logitBias', 'Cohere biases no tokens'),
  noField('endUser', 'Cohere is not told of end users'),
  alwaysParallel('Cohere always may call several tools at once'),
  {
    name: 'logprobs.alternatives',
    reason: 'only the chosen tokens are told',
    without: ({ logprobs, ...rest }) => ({ ...rest, ...(logprobs && { logprobs: { alternatives: 0 } }) }),
  },
  withoutCache('Cohere caches by itself'),
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
  schemaAlone,
  {
    name: '',
    reason: 'an effort is a budget, if it is less than the whole answer may have',
    without: withBudget,
  },
  refusalAsText,
  developerAsSystem,
  withoutIsError('that a tool failed is told by its text alone'),
  mediaAfterResults('results are texts; pictures follow them', ({ type }) => type === 'image'),
  // On both sides: the writing of these cases cannot be what a client reads them from. Unit tests read tagged state.
  onlyReadableThinking(
    'cohere',
    'state of other models is never sent to a provider, and Cohere has no redacted thinking',
  ),
  {
    name: '',
    reason: 'Cohere signs nothing',
    without: (request) =>
      mapParts(request, (part) => (part.type === 'thinking' ? { type: 'thinking', text: part.text } : part)),
  },
  bothSides(foreignSignatures('cohere')),
]

/** What Cohere's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  refusedAsText,
  withoutMedia('Cohere makes no media'),
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
  oneAnswer,
  withoutStopSequence,
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
