import { effortOf } from '../../src/core/reasoning.ts'
import type { CacheMark, ChatRequest, Message, Part, Tool } from '../../src/core/request.ts'
import { mapParts, type Loss } from './support.ts'

type RequestLoss = Loss<ChatRequest>

/** How the writers ask for JSON where it has no field. */
export const JSON_INSTRUCTION =
  'Answer with one JSON object and nothing else: no introduction, no code fence.'

/** A top-level field of requests that the dialect does not have. */
export function noField(field: keyof ChatRequest, reason: string): RequestLoss {
  return {
    name: field,
    reason,
    without: ({ [field]: _lost, ...rest }) => ({ ...EMPTY, ...rest }),
  }
}

const EMPTY: ChatRequest = { messages: [], stream: false, extras: {} }

/** The same loss for clients and providers: what writes such a case cannot be what a client reads it from. */
export function bothSides({ side: _side, ...loss }: RequestLoss): RequestLoss {
  return loss
}

/** Providers must not get state of other dialects' models: such thinking is left out. */
export function foreignThinking(dialect: string): RequestLoss {
  return {
    name: 'messages.thinking',
    reason: 'state of other models is never sent to a provider',
    side: 'provider',
    without: (request) =>
      mapParts(request, (part) =>
        isThinking(part) && part.state && part.state.dialect !== dialect ? undefined : part,
      ),
  }
}

/** Thinking goes unless the dialect's own models signed it. */
export function onlyOwnThinking(dialect: string, reason: string): RequestLoss {
  return {
    name: 'messages.thinking',
    reason,
    without: (request) =>
      mapParts(request, (part) => (isThinking(part) && part.state?.dialect !== dialect ? undefined : part)),
  }
}

/** Thinking goes when other models signed it, or when it is redacted. */
export function onlyReadableThinking(dialect: string, reason: string): RequestLoss {
  return {
    name: 'messages.thinking',
    reason,
    without: (request) =>
      mapParts(foreignThinking(dialect).without(request), (part) =>
        part.type === 'redacted-thinking' ? undefined : part,
      ),
  }
}

/** Providers must not get other models' signatures on calls and texts, which themselves stay. */
export function foreignSignatures(dialect: string): RequestLoss {
  return {
    name: 'messages.signature',
    reason: 'state of other models is never sent to a provider',
    side: 'provider',
    without: (request) =>
      mapParts(request, (part) => {
        if ((part.type !== 'tool-call' && part.type !== 'text') || !part.state) return part
        if (part.state.dialect === dialect) return part
        const { state: _state, ...rest } = part
        return rest
      }),
  }
}

/** No marks for a cache: on the request, its parts or its tools. */
export function withoutCache(reason: string): RequestLoss {
  return {
    name: 'cache',
    reason,
    without: ({ cache: _cache, tools, ...rest }) => ({
      ...mapParts(rest, unmarked),
      ...(tools && { tools: tools.map(unmarked) }),
    }),
  }
}

/** No way to forbid that several tools are called at once. */
export function alwaysParallel(reason: string): RequestLoss {
  return {
    name: 'parallelToolCalls',
    reason,
    without: ({ parallelToolCalls, ...rest }) =>
      parallelToolCalls === true ? { parallelToolCalls, ...rest } : rest,
  }
}

/** No function is declared strict. */
export function withoutStrict(reason: string): RequestLoss {
  return {
    name: 'tools.strict',
    reason,
    without: ({ tools, ...rest }) => ({ ...rest, ...(tools && { tools: tools.map(unbound) }) }),
  }
}

/** A choice among some of the tools becomes a choice among all that are shown. */
export function onlyNamedTools(reason: string): RequestLoss {
  return {
    name: 'toolChoice.names',
    reason,
    without: (request) => {
      const { toolChoice, tools = [] } = request
      if (!toolChoice || !('names' in toolChoice) || !toolChoice.names) return request
      const { names, type } = toolChoice
      const shown = tools.filter((tool) => tool.type === 'hosted' || names.includes(tool.name))
      return { ...request, tools: shown, toolChoice: { type } }
    },
  }
}

/** Of the wish for an answer after a schema, the schema is what remains. */
export const schemaAlone: RequestLoss = {
  name: '',
  reason: 'a schema has no name, and is always followed strictly',
  without: (request) => {
    const { responseFormat } = request
    if (responseFormat?.type !== 'json-schema') return request
    return { ...request, responseFormat: { type: 'json-schema', schema: responseFormat.schema } }
  },
}

/** Names that must be written are made up. */
export const namedSchemasAndFiles: RequestLoss = {
  name: '',
  reason: 'schemas and files must have a name',
  without: (request) => {
    const named = mapParts(request, (part) =>
      part.type === 'file' && part.source.kind === 'base64' ? { name: 'file.pdf', ...part } : part,
    )
    const { responseFormat } = named
    if (responseFormat?.type !== 'json-schema') return named
    return { ...named, responseFormat: { name: 'answer', ...responseFormat } }
  },
}

/** A budget of thinking becomes the effort that is nearest. */
export const budgetAsEffort: RequestLoss = {
  name: 'reasoning.budgetTokens',
  reason: 'thinking has an effort in place of a budget',
  without: (request) => {
    const { budgetTokens, ...reasoning } = request.reasoning ?? {}
    if (budgetTokens === undefined) return request
    const effort = effortOf({ budgetTokens, ...reasoning })
    return { ...request, reasoning: { ...reasoning, ...(effort && { effort }) } }
  },
}

/** Adaptive thinking is what a model does that is told nothing. */
export const adaptiveUnsaid: RequestLoss = {
  name: 'reasoning.isAdaptive',
  reason: 'how much to think is left to the model by saying nothing',
  without: (request) => {
    const { reasoning, ...rest } = request
    const { isAdaptive, ...kept } = reasoning ?? {}
    if (!isAdaptive) return request
    return Object.keys(kept).length === 0 ? rest : { ...rest, reasoning: kept }
  },
}

/** Instructions of developers become those of the system. */
export const developerAsSystem: RequestLoss = {
  name: '',
  reason: 'there is one kind of instructions',
  without: ({ messages, ...rest }) => ({
    ...rest,
    messages: messages.map((message) =>
      message.role === 'developer' ? { ...message, role: 'system' } : message,
    ),
  }),
}

/** Instructions amid a conversation move before it. */
export const instructionsFirst: RequestLoss = {
  name: 'messages.role',
  reason: 'instructions stand before the conversation',
  without: ({ messages, ...rest }) => ({
    ...rest,
    messages: [
      ...messages.filter(({ role }) => role === 'system'),
      ...messages.filter(({ role }) => role !== 'system'),
    ],
  }),
}

/** What a model refused is told back to it as what it said. */
export const refusalAsText: RequestLoss = {
  name: '',
  reason: 'a refusal is a text',
  without: (request) =>
    mapParts(request, (part) => (part.type === 'refusal' ? { type: 'text', text: part.text } : part)),
}

/** Images say not how closely to look. */
export function withoutDetail(reason: string): RequestLoss {
  return {
    name: 'messages.detail',
    reason,
    without: (request) =>
      mapParts(request, (part) => {
        if (part.type !== 'image') return part
        const { detail: _detail, ...rest } = part
        return rest
      }),
  }
}

/** The result of a failed call is not marked as one. */
export function withoutIsError(reason: string): RequestLoss {
  return {
    name: 'messages.isError',
    reason,
    without: (request) =>
      mapParts(request, (part) => {
        if (part.type !== 'tool-result') return part
        const { isError: _isError, ...rest } = part
        return rest
      }),
  }
}

/** What a result cannot hold follows its message as words of the user. */
export function mediaAfterResults(reason: string, isMedia: (part: Part) => boolean): RequestLoss {
  const split = (message: Message): Message[] => {
    const media: Part[] = []
    const parts = message.parts.map((part) => {
      if (part.type !== 'tool-result') return part
      media.push(...part.parts.filter(isMedia))
      return { ...part, parts: part.parts.filter((inner) => !isMedia(inner)) }
    })
    const after: Message = { role: 'user', parts: media, extras: {} }
    return [{ ...message, parts }, ...(media.length > 0 ? [after] : [])]
  }
  return {
    name: 'messages.toolResult.parts',
    reason,
    without: ({ messages, ...rest }) => ({ ...rest, messages: messages.flatMap(split) }),
  }
}

function isThinking(part: Part): part is Extract<Part, { type: 'thinking' | 'redacted-thinking' }> {
  return part.type === 'thinking' || part.type === 'redacted-thinking'
}

function unmarked<Value extends { cache?: CacheMark } | object>(value: Value): Value {
  if (!('cache' in value)) return value
  const copy = { ...value }
  delete copy.cache
  return copy
}

function unbound(tool: Tool): Tool {
  if (tool.type === 'hosted') return tool
  const { strict: _strict, ...rest } = tool
  return rest
}
