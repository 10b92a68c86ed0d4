import type { JsonObject } from '../../core/json.ts'
import type { Message, Part, ToolCallPart, ToolResultPart } from '../../core/request.ts'
import { unwrapInput } from './custom-tools.ts'
import { DIALECT } from './dialect-name.ts'
import { writeItem } from './reasoning-item.ts'
import { writeInputContent, writeOutputContent } from './write-content.ts'

export interface ItemsContext {
  /** Names of the custom tools, whose calls have another form than those of functions. */
  customTools: ReadonlySet<string>
  /** Whether further members of messages are this dialect's. */
  ownExtras: boolean
  dropped: Set<string>
}

/** Messages as the items of `input`. Thoughts of other models' are left out and named in `dropped`. */
export function writeItems(messages: readonly Message[], context: ItemsContext): JsonObject[] {
  const writer = new ItemsWriter(context)
  for (const message of messages) writer.message(message)
  return writer.items
}

class ItemsWriter {
  readonly items: JsonObject[] = []
  readonly #context: ItemsContext
  /** Ids of the calls of custom tools. */
  readonly #customCalls = new Set<string>()
  /** Ids made for calls that came without, until their results come. */
  readonly #madeIds: string[] = []
  #made = 0

  constructor(context: ItemsContext) {
    this.#context = context
  }

  message(message: Message): void {
    this.#noteExtras(message)
    let content: Part[] = []
    const flush = (): void => {
      if (content.length > 0) this.#content(message, content)
      content = []
    }
    for (const part of message.parts) {
      const item = this.#item(part, message)
      if (item === 'content') content.push(part)
      else {
        flush()
        if (item) this.items.push(item)
      }
    }
    // A message without parts stays one: the provider says what it thinks of it.
    if (message.parts.length === 0) this.#content(message, [])
    else flush()
  }

  #noteExtras({ extras }: Message): void {
    for (const name of Object.keys(extras)) {
      if (!this.#context.ownExtras || name !== 'phase') this.#context.dropped.add(`messages.${name}`)
    }
  }

  #content({ role, extras }: Message, parts: readonly Part[]): void {
    const { dropped, ownExtras } = this.#context
    if (role !== 'assistant') {
      const content = writeInputContent(parts, dropped)
      this.items.push({ role: INPUT_ROLES.has(role) ? role : 'user', content })
      return
    }
    const phase = ownExtras && extras['phase'] !== undefined ? { phase: extras['phase'] } : {}
    this.items.push({ role, content: writeOutputContent(parts, dropped), ...phase })
  }

  /** The item that a part is; undefined for one that is left out. */
  #item(part: Part, { role }: Message): JsonObject | 'content' | undefined {
    const { dropped } = this.#context
    switch (part.type) {
      case 'thinking':
      case 'redacted-thinking':
        if (part.state?.dialect === DIALECT) {
          return writeItem(part.type === 'thinking' ? part.text : '', part.state)
        }
        dropped.add('messages.thinking')
        return undefined
      case 'tool-call':
        return this.#call(part)
      case 'tool-result':
        return this.#result(part)
      case 'opaque':
        if (role !== 'assistant') return 'content'
        if (part.dialect === DIALECT) return part.value
        dropped.add('messages.opaque')
        return undefined
      case 'text':
        if (part.state) dropped.add('messages.signature')
        return 'content'
      default:
        return 'content'
    }
  }

  #call(part: ToolCallPart): JsonObject {
    const { dropped, customTools } = this.#context
    if (part.cache) dropped.add('cache')
    if (part.state) dropped.add('messages.signature')
    const id = part.id === '' ? this.#makeId() : part.id
    const head = { call_id: id, name: part.name }
    if (!customTools.has(part.name)) {
      return { type: 'function_call', ...head, arguments: part.arguments === '' ? '{}' : part.arguments }
    }
    this.#customCalls.add(id)
    return { type: 'custom_tool_call', ...head, input: unwrapInput(part.arguments) }
  }

  #result({ callId, parts, isError, cache }: ToolResultPart): JsonObject {
    const { dropped } = this.#context
    if (cache) dropped.add('cache')
    if (isError) dropped.add('messages.isError')
    const id = callId === '' ? (this.#madeIds.shift() ?? '') : callId
    const isCustom = this.#customCalls.has(id)
    return {
      type: isCustom ? 'custom_tool_call_output' : 'function_call_output',
      call_id: id,
      output: parts.length === 0 ? '' : writeInputContent(parts, dropped),
    }
  }

  #makeId(): string {
    const id = `call_${this.#made++}`
    this.#madeIds.push(id)
    return id
  }
}

const INPUT_ROLES: ReadonlySet<string> = new Set(['user', 'system', 'developer'])
