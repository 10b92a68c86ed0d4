import type { CollectedCandidate, CollectedPart, CollectedReply } from '../../src/core/collect.ts'
import type { Annotation, ChatRequest, Message, Part, Tool } from '../../src/core/request.ts'
import { readState, STATE_MARK, type ModelState } from '../../src/core/state.ts'
import { totalTokens } from '../../src/core/usage.ts'

/**
 * A request in the one spelling that twins have: messages of one role in a row are one, as dialects cut them differently;
 * names of tools stand in their calls only; empty extras and annotations are nothing.
 */
export function normalRequest(request: ChatRequest): ChatRequest {
  const { extrasDialect, ...rest } = request
  const normal: ChatRequest = { ...rest, messages: joined(request.messages.map(normalMessage)) }
  if (extrasDialect !== undefined && Object.keys(request.extras).length > 0)
    normal.extrasDialect = extrasDialect
  if (request.tools) normal.tools = request.tools.map(normalTool)
  return normal
}

function joined(messages: readonly Message[]): Message[] {
  const joined: Message[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (last?.role !== message.role) joined.push(message)
    else joined[joined.length - 1] = { ...last, parts: [...last.parts, ...message.parts] }
  }
  return joined
}

function normalMessage({ role, parts, extras }: Message): Message {
  return { role, parts: parts.map(normalPart), extras }
}

function normalPart(part: Part): Part {
  if (part.type === 'tool-call') return { ...part, arguments: normalJson(part.arguments) }
  if (part.type === 'tool-result') {
    const { name: _name, isError, ...rest } = part
    return { ...rest, ...(isError && { isError }), parts: part.parts.map(normalPart) }
  }
  if (part.type !== 'text' || !part.annotations) return part
  const { annotations, ...rest } = part
  return annotations.length === 0 ? rest : { ...rest, annotations: annotations.map(normalAnnotation) }
}

function normalTool(tool: Tool): Tool {
  if (tool.type === 'hosted' || !tool.extras || Object.keys(tool.extras).length > 0) return tool
  const { extras: _extras, ...rest } = tool
  return rest
}

function normalAnnotation({ native: _native, ...annotation }: Annotation): Annotation {
  return annotation
}

/** The same JSON without spaces; no arguments are an empty object. */
function normalJson(text: string): string {
  if (text === '') return '{}'
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

/**
 * A reply in the spelling of the twins: without a provider's own words, with the total of its tokens, without parts that
 * say nothing, and with state at the part to which it belongs.
 */
export function normalReply(reply: CollectedReply): CollectedReply {
  const total = totalTokens(reply.usage)
  return {
    ...reply,
    usage: { ...reply.usage, ...(total !== undefined && { totalTokens: total }) },
    candidates: reply.candidates.map(normalCandidate),
  }
}

function normalCandidate({ parts, end, logprobs }: CollectedCandidate): CollectedCandidate {
  // Parts may be missing between others; `filter` skips them.
  const said = settled(parts.filter((part) => part.kind !== 'opaque').map(normalReplyPart)).filter(
    saysSomething,
  )
  const { native: _native, ...rest } = end ?? { reason: 'missing' }
  return { parts: said, end: rest, logprobs }
}

function normalReplyPart(part: CollectedPart): CollectedPart {
  const text = part.kind === 'tool-call' ? normalJson(part.text) : part.text
  return { ...part, text, annotations: part.annotations.map(normalAnnotation) }
}

function saysSomething(part: CollectedPart): boolean {
  const isTextual = part.kind === 'text' || part.kind === 'thinking' || part.kind === 'refusal'
  return !isTextual || part.text !== '' || part.state !== undefined
}

/** Tagged state, read back: a carrier beside the part to which it belongs gives it up. */
function settled(parts: readonly CollectedPart[]): CollectedPart[] {
  const settled = parts.map((part) => ({ ...part }))
  for (const [index, part] of settled.entries()) {
    if (!part.state) continue
    const { state, place } = readState(tagOf(part.state), part.state.dialect)
    if (place === 'own') part.state = state
    else {
      const owner = settled[place === 'next' ? index + 1 : index - 1]
      if (owner) owner.state = state
    }
  }
  return settled.filter((_, index) => !isCarrier(parts[index]))
}

function isCarrier(part: CollectedPart | undefined): boolean {
  return part?.state !== undefined && /^gw1\.(?:next|previous)\./.test(tagOf(part.state))
}

/** A state's text; Gemini's field is base64, so tagged state is encoded once more there. */
function tagOf({ data }: ModelState): string {
  const decoded = Buffer.from(data, 'base64').toString('utf8')
  return decoded.startsWith(STATE_MARK) ? decoded : data
}
