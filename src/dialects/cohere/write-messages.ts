import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { writeUrl } from '../../core/media.ts'
import type { FilePart, ImagePart, Message, Part, TextPart, ToolResultPart } from '../../core/request.ts'
import { refuse } from '../single-prompt.ts'
import { isToolPlan } from './tool-plan.ts'

export interface Conversation {
  messages: JsonObject[]
  /** Documents given as text: Cohere has them beside the conversation. */
  documents: JsonObject[]
}

export interface ConversationOptions {
  /** Whether further members of messages are Cohere's own. */
  ownExtras: boolean
  /** Gets the names of what has no place. */
  dropped: Set<string>
}

/** Canonical messages as Cohere's. Throws a 422 for media that no Cohere model can read. */
export function writeConversation(messages: readonly Message[], options: ConversationOptions): Conversation {
  return new ConversationWriter(options).write(messages)
}

class ConversationWriter {
  readonly #options: ConversationOptions
  readonly #messages: JsonObject[] = []
  readonly #documents: JsonObject[] = []
  /** Pictures among the results of tools, which take texts only: the user shows them once all results are told. */
  #pictures: JsonObject[] = []

  constructor(options: ConversationOptions) {
    this.#options = options
  }

  write(messages: readonly Message[]): Conversation {
    for (const message of messages) {
      if (message.role === 'assistant') this.#assistant(message)
      else this.#other(message)
    }
    this.#showPictures()
    return { messages: this.#messages, documents: this.#documents }
  }

  #assistant(message: Message): void {
    this.#showPictures()
    const content: JsonObject[] = []
    const calls: JsonObject[] = []
    const citations: JsonObject[] = []
    let plan = ''
    for (const part of message.parts) {
      this.#noteMarks(part)
      if (part.type === 'text') {
        content.push({ type: 'text', text: part.text })
        citations.push(...this.#citations(part))
      } else if (part.type === 'refusal') content.push({ type: 'text', text: part.text })
      else if (part.type === 'tool-call') calls.push(writeToolCall(part))
      else if (part.type === 'thinking' && isToolPlan(part.state)) plan += part.text
      else if (part.type === 'thinking' && (part.state?.dialect ?? 'cohere') === 'cohere') {
        content.push({ type: 'thinking', thinking: part.text })
      } else content.push(...this.#unspoken(part))
    }
    const written: JsonObject = { role: 'assistant' }
    const text = writeContent(content)
    if (text !== undefined || calls.length === 0) written['content'] = text ?? ''
    if (plan !== '') written['tool_plan'] = plan
    if (calls.length > 0) written['tool_calls'] = calls
    if (citations.length > 0) written['citations'] = citations
    this.#messages.push({ ...written, ...this.#extras(message) })
  }

  /** What the assistant's message has no place for. */
  #unspoken(part: Part): JsonObject[] {
    const isOwn = part.type === 'opaque' && (part.dialect ?? 'cohere') === 'cohere'
    if (isOwn) return [part.value]
    const name = part.type === 'redacted-thinking' ? 'thinking' : part.type
    this.#options.dropped.add(`messages.${name}`)
    return []
  }

  #citations({ annotations = [] }: TextPart): JsonObject[] {
    const own = annotations.flatMap(({ native }) => (native?.dialect === 'cohere' ? [native.value] : []))
    if (own.length < annotations.length) this.#options.dropped.add('messages.annotations')
    return own
  }

  /** Instructions, the user's words and results of tools. Each result is a message of its own. */
  #other(message: Message): void {
    const results = message.parts.filter((part) => part.type === 'tool-result')
    if (results.length === 0) this.#showPictures()
    for (const result of results) this.#toolResult(result, this.#extras(message))
    if (results.length > 0 && results.length === message.parts.length) return
    const blocks = message.parts.flatMap((part) => this.#block(part))
    const role = ROLES.get(message.role) ?? 'user'
    this.#messages.push({ role, content: writeContent(blocks) ?? '', ...this.#extras(message) })
  }

  #block(part: Part): JsonObject[] {
    if (part.type === 'tool-result') return []
    this.#noteMarks(part)
    switch (part.type) {
      case 'text':
        return [{ type: 'text', text: part.text }]
      case 'image':
        return [writeImage(part)]
      case 'file':
        this.#documents.push(writeDocument(part))
        return []
      case 'opaque':
        if ((part.dialect ?? 'cohere') === 'cohere') return [part.value]
        throw refuse("Cohere's models cannot read this part of another API.")
      default:
        throw refuse(`Cohere's models cannot read parts of the type '${part.type}'.`)
    }
  }

  #toolResult(result: ToolResultPart, extras: JsonObject): void {
    this.#noteMarks(result)
    if (result.isError === true) this.#options.dropped.add('messages.isError')
    const blocks = result.parts.flatMap((part): JsonObject[] => {
      this.#noteMarks(part)
      if (part.type === 'text') return [{ type: 'text', text: part.text }]
      if (part.type === 'file') return [{ type: 'document', document: writeDocument(part) }]
      if (part.type !== 'image') return this.#unspoken(part)
      this.#options.dropped.add('messages.toolResult.parts')
      this.#pictures.push(writeImage(part))
      return []
    })
    const content = writeContent(blocks) ?? ''
    this.#messages.push({ role: 'tool', tool_call_id: result.callId, content, ...extras })
  }

  #showPictures(): void {
    if (this.#pictures.length === 0) return
    this.#messages.push({ role: 'user', content: this.#pictures })
    this.#pictures = []
  }

  /** What a part carries beside its content. */
  #noteMarks(part: Part): void {
    if ('cache' in part && part.cache) this.#options.dropped.add('cache')
    if ((part.type === 'text' || part.type === 'tool-call') && part.state) {
      this.#options.dropped.add('messages.signature')
    }
  }

  #extras({ extras }: Message): JsonObject {
    if (this.#options.ownExtras) return extras
    for (const name of Object.keys(extras)) this.#options.dropped.add(`messages.${name}`)
    return {}
  }
}

const ROLES: ReadonlyMap<string, string> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
])

/** A single text as a string; undefined when there is nothing to say. */
function writeContent(blocks: readonly JsonObject[]): JsonValue | undefined {
  const [only] = blocks
  if (only === undefined) return undefined
  return blocks.length === 1 && only['type'] === 'text' ? (only['text'] ?? '') : [...blocks]
}

function writeImage({ source, detail }: ImagePart): JsonObject {
  const url = writeUrl(source)
  if (url === undefined) throw refuse('Cohere takes images as a URL or as base64 data.')
  return { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } }
}

function writeDocument({ source, name, context }: FilePart): JsonObject {
  if (source.kind !== 'text') {
    throw refuse("Cohere's models read no files: send the text of the document, or an image of each page.")
  }
  const id = name === undefined ? {} : { id: name }
  if (source.mediaType === 'application/json') {
    const data = parseObject(source.text)
    if (data) return { ...id, data }
  }
  return { ...id, data: { text: source.text, ...(context === undefined ? {} : { context }) } }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function writeToolCall(call: { id: string; name: string; arguments: string }): JsonObject {
  return {
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments === '' ? '{}' : call.arguments },
  }
}
