import { asString, isObject, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, Part, ToolCallPart, ToolResultPart } from '../../core/request.ts'
import { rawObject, type RawJsonObject, type RawJsonValue } from '../../wire/raw-json.ts'
import { CallIds } from '../anthropic/call-ids.ts'
import { refuse } from '../single-prompt.ts'
import type { CachePoints } from './cache-points.ts'
import type { ModelTraits } from './models.ts'
import { MediaWriter } from './write-media.ts'

export type Block = RawJsonObject

/** One turn: all that one side says before the other does. */
export interface Turn {
  role: 'user' | 'assistant'
  content: Block[]
}

export interface Conversation {
  system: Block[]
  turns: Turn[]
}

export interface WriteContext {
  traits: ModelTraits
  cachePoints: CachePoints
  dropped: Set<string>
}

/** Converse wants instructions apart from the conversation, and user and assistant in strict alternation. */
export function writeConversation({ messages, cache }: ChatRequest, context: WriteContext): Conversation {
  const { cachePoints, dropped } = context
  const writer = new PartWriter(context)
  const system: Block[] = []
  const turns: Turn[] = []
  for (const { role, parts, extras } of messages) {
    for (const name of Object.keys(extras)) dropped.add(`messages.${name}`)
    if (role !== 'system' && role !== 'developer') {
      addTurn(turns, { role: role === 'assistant' ? 'assistant' : 'user', content: writer.write(parts) })
      continue
    }
    if (turns.length > 0) dropped.add('messages.role')
    system.push(...writer.write(parts))
  }
  turns.at(-1)?.content.push(...cachePoints.afterBlock(cache))
  return { system, turns }
}

function addTurn(turns: Turn[], { role, content }: Turn): void {
  const last = turns.at(-1)
  if (content.length === 0) return
  if (last?.role === role) last.content.push(...content)
  else turns.push({ role, content })
}

/** The parts of one request as Converse's blocks. */
class PartWriter {
  readonly #context: WriteContext
  readonly #ids = new CallIds()
  readonly #media = new MediaWriter()

  constructor(context: WriteContext) {
    this.#context = context
  }

  write(parts: readonly Part[]): Block[] {
    return parts.flatMap((part) => {
      const block = this.#writePart(part)
      if (!block) return []
      return 'cache' in part ? [block, ...this.#context.cachePoints.afterBlock(part.cache)] : [block]
    })
  }

  #writePart(part: Part): Block | undefined {
    switch (part.type) {
      case 'text':
        if (part.annotations && part.annotations.length > 0) this.#drop('messages.annotations')
        if (part.state) this.#drop('messages.signature')
        return writeText(part.text)
      case 'refusal':
        return writeText(part.text)
      case 'image':
        if (part.detail !== undefined) this.#drop('messages.detail')
        return this.#media.image(part)
      case 'audio':
        return this.#media.audio(part)
      case 'file':
        return this.#media.file(part)
      case 'thinking':
        // Without its signature, or with another model's, the whole request would be refused.
        if (part.state?.dialect !== this.#context.traits.stateDialect) return this.#drop('messages.thinking')
        return { reasoningContent: { reasoningText: { text: part.text, signature: part.state.data } } }
      case 'redacted-thinking':
        if (part.state.dialect !== this.#context.traits.stateDialect) return this.#drop('messages.thinking')
        return { reasoningContent: { redactedContent: part.state.data } }
      case 'tool-call':
        if (part.state) this.#drop('messages.signature')
        return { toolUse: { toolUseId: this.#id(part), name: part.name, input: readArguments(part) } }
      case 'tool-result':
        return { toolResult: this.#writeResult(part) }
      case 'opaque':
        if (part.dialect === undefined || part.dialect === 'bedrock') return { ...part.value }
        return this.#drop(`messages.${asString(part.value['type']) ?? 'opaque'}`)
    }
  }

  #drop(name: string): undefined {
    this.#context.dropped.add(name)
  }

  #writeResult(part: ToolResultPart): RawJsonObject {
    const content: RawJsonValue[] = this.write(part.parts)
    return {
      toolUseId: cut(this.#ids.ofResult(part)),
      content,
      ...(part.isError === undefined ? {} : { status: part.isError ? 'error' : 'success' }),
    }
  }

  #id(part: ToolCallPart): string {
    return cut(this.#ids.ofCall(part))
  }
}

/** Converse takes ids of up to 64 characters; of longer ones the end tells them apart. */
function cut(id: string): string {
  return id.slice(-64)
}

/** Blank texts, as beside tool calls, are refused. */
function writeText(text: string): Block | undefined {
  return /\S/.test(text) ? { text } : undefined
}

function readArguments({ id, name, arguments: text }: ToolCallPart): RawJsonValue {
  if (text.trim() === '') return {}
  const input = rawObject(text)
  if (input) return input
  throw refuse(`The arguments of tool call '${id}' to '${name}' are not a JSON object.`)
}

/** Whether a turn holds calls or results of tools: then Converse insists on being told of tools. */
export function hasToolBlocks({ content }: Turn): boolean {
  return content.some((block) => 'toolUse' in block || 'toolResult' in block)
}

/** The names of the tools that were called. */
export function calledTools(turns: readonly Turn[]): string[] {
  const names = turns.flatMap(({ content }) =>
    content.flatMap(({ toolUse }) => (isObject(toolUse) ? (asString(toolUse['name']) ?? []) : [])),
  )
  return [...new Set(names)]
}

/** The same turns in Anthropic's words, as far as reasoning depends on them. */
export function outline(turns: readonly Turn[]): { role: string; blocks: { json: JsonObject }[] }[] {
  return turns.map(({ role, content }) => ({
    role,
    blocks: content.map((block) => ({ json: { type: kindOf(block) } })),
  }))
}

function kindOf(block: Block): string {
  if ('toolResult' in block) return 'tool_result'
  return 'reasoningContent' in block ? 'thinking' : 'other'
}
