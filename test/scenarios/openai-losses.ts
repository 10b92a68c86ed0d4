import { effortOf } from '../../src/core/reasoning.ts'
import type { ChatRequest, Message, Part } from '../../src/core/request.ts'
import { foreignSignatures, mapParts, mapReplyParts, noField, type DialectScenarios } from './support.ts'

const DIALECT = 'openai'

const signatures = foreignSignatures(DIALECT, 'messages.signature')

/** What OpenAI's chat completions have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('topK', 'OpenAI has no such field'),
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
    name: 'messages.toolResult.parts',
    reason: 'a result holds only text: pictures follow as the words of the user',
    without: (request) => ({ ...request, messages: withoutMediaInResults(request.messages) }),
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
    reason: 'OpenAI takes back only what its own kind signed',
    without: (request) =>
      mapParts(request, (part) =>
        (part.type === 'thinking' || part.type === 'redacted-thinking') && part.state?.dialect !== DIALECT
          ? undefined
          : part,
      ),
  },
  { name: signatures.name, reason: signatures.reason, without: (request) => signatures.without(request) },
]

function withoutMediaInResults(messages: ChatRequest['messages']): Message[] {
  const kept: Message[] = []
  let media: Part[] = []
  const flush = (): void => {
    if (media.length > 0) kept.push({ role: 'user', parts: media, extras: {} })
    media = []
  }
  for (const message of messages) {
    if (message.role !== 'tool') flush()
    const parts = message.parts.map((part) => {
      if (part.type !== 'tool-result') return part
      media.push(...part.parts.filter(({ type }) => type !== 'text'))
      return { ...part, parts: part.parts.filter(({ type }) => type === 'text') }
    })
    kept.push({ ...message, parts })
  }
  flush()
  return kept
}

function withName(part: Part): Part {
  if (part.type !== 'file' || part.source.kind !== 'base64') return part
  return { ...part, name: part.name ?? 'file.pdf' }
}

function withoutCache<Value extends object>(value: Value): Value {
  if (!('cache' in value)) return value
  const { cache: _cache, ...rest } = value
  return rest as Value
}

/** What replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
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
]
