import { asString, type JsonObject } from '../../core/json.ts'
import type { MediaSource, Message, Part, ToolCallPart, ToolResultPart } from '../../core/request.ts'
import { rawObject, type RawJson, type RawJsonObject } from '../../wire/raw-json.ts'
import { unservable } from './fields.ts'
import { mediaTypeOfUrl } from './media-types.ts'
import { isThirdGeneration } from './models.ts'

/** What stands for the signature of a call that no Gemini model made. Source: https://ai.google.dev/gemini-api/docs/thought-signatures */
const NO_SIGNATURE = 'skip_thought_signature_validator'

export interface Conversation {
  systemInstruction: RawJsonObject | undefined
  contents: RawJsonObject[]
}

/** Messages as Gemini's `contents`, its instructions apart. `dropped` gets the names of what is left out or emulated. */
export function writeConversation(
  messages: readonly Message[],
  model: string | null,
  dropped: Set<string>,
): Conversation {
  return new ConversationWriter(messages, model, dropped).write()
}

interface Content {
  role: 'user' | 'model'
  parts: RawJsonObject[]
  /** Whether it holds results of tools, and nothing else but their media. */
  isResult: boolean
}

class ConversationWriter {
  readonly #messages: readonly Message[]
  readonly #isThird: boolean
  readonly #dropped: Set<string>
  /** The names of the calls so far, by id: results repeat them. */
  readonly #names = new Map<string, string>()

  constructor(messages: readonly Message[], model: string | null, dropped: Set<string>) {
    this.#messages = messages
    this.#isThird = isThirdGeneration(model)
    this.#dropped = dropped
  }

  write(): Conversation {
    const system: RawJsonObject[] = []
    const contents: Content[] = []
    for (const message of this.#messages) {
      for (const name of Object.keys(message.extras)) this.#dropped.add(`messages.${name}`)
      if (message.role === 'system' || message.role === 'developer') {
        // Among the contents there is no place for instructions.
        if (contents.length > 0) this.#dropped.add('messages.role')
        system.push(...this.#writeParts(message))
      } else this.#append(message, contents)
    }
    return {
      systemInstruction: system.length > 0 ? { parts: system } : undefined,
      contents: contents.map(({ role, parts }) => ({ role, parts })),
    }
  }

  /** Results of calls that were made together go back together, whether or not they came in one message. */
  #append(message: Message, contents: Content[]): void {
    const role = message.role === 'assistant' ? 'model' : 'user'
    const isResult = message.parts.length > 0 && message.parts.every(({ type }) => type === 'tool-result')
    const parts = this.#writeParts(message)
    const last = contents.at(-1)
    if (isResult && last?.isResult) last.parts.push(...parts)
    // Gemini refuses a content without parts.
    else if (parts.length > 0) contents.push({ role, parts, isResult })
  }

  #writeParts({ role, parts }: Message): RawJsonObject[] {
    const isCalling = role === 'assistant' && this.#isThird
    let firstCall = isCalling ? parts.find((part) => part.type === 'tool-call') : undefined
    return parts.flatMap((part) => {
      if ('cache' in part) this.#dropped.add('cache')
      const written = this.#writePart(part, part === firstCall)
      if (part === firstCall) firstCall = undefined
      return written
    })
  }

  /** `mustSign`: the first call of a step, without whose signature the third generation refuses the request. */
  #writePart(part: Part, mustSign: boolean): RawJsonObject[] {
    switch (part.type) {
      case 'text':
        return part.text === '' && !part.state ? [] : [{ text: part.text, ...this.#sign(part) }]
      case 'refusal':
        return [{ text: part.text }]
      case 'image':
        if (part.detail !== undefined) this.#dropped.add('messages.detail')
        return this.#writeMedia(part.source)
      case 'audio':
        return this.#writeMedia(part.source)
      case 'file':
        for (const name of ['name', 'context', 'citations'] as const) {
          if (part[name] !== undefined) this.#dropped.add(`messages.file.${name}`)
        }
        return this.#writeMedia(part.source)
      case 'thinking':
        if (part.state && part.state.dialect !== 'gemini') return this.#leaveOut('messages.thinking')
        return [{ text: part.text, thought: true, ...this.#sign(part) }]
      case 'redacted-thinking':
        if (part.state.dialect !== 'gemini') return this.#leaveOut('messages.thinking')
        return [{ thought: true, ...this.#sign(part) }]
      case 'tool-call':
        return [this.#writeCall(part, mustSign)]
      case 'tool-result':
        return this.#writeResult(part)
      case 'opaque':
        if (part.dialect === undefined || part.dialect === 'gemini') return [part.value]
        return this.#leaveOut(`messages.${asString(part.value['type']) ?? 'part'}`)
    }
  }

  #leaveOut(name: string): [] {
    this.#dropped.add(name)
    return []
  }

  #sign({ state }: Pick<ToolCallPart, 'state'>): JsonObject {
    if (state && state.dialect !== 'gemini') this.#dropped.add('messages.signature')
    return state?.dialect === 'gemini' ? { thoughtSignature: state.data } : {}
  }

  #writeCall(call: ToolCallPart, mustSign: boolean): RawJsonObject {
    const { id, name } = call
    this.#names.set(id, name)
    const args = rawObject(call.arguments.trim() === '' ? '{}' : call.arguments)
    if (!args) {
      throw unservable(`The arguments of tool call '${id}' to '${name}' are not a JSON object.`, 'messages')
    }
    const signature = this.#sign(call)
    if (mustSign && signature['thoughtSignature'] === undefined) {
      this.#dropped.add('messages.thoughtSignature')
      signature['thoughtSignature'] = NO_SIGNATURE
    }
    return { functionCall: { ...(id === '' ? {} : { id }), name, args }, ...signature }
  }

  /** Pictures are part of the result in the third generation; older models see them right after it. */
  #writeResult({
    callId: id,
    name = this.#names.get(id),
    parts,
    isError = false,
  }: ToolResultPart): RawJsonObject[] {
    if (name === undefined) {
      throw unservable(`The result of tool call '${id}' comes without the call; send both.`, 'messages')
    }
    const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    const media = parts.flatMap((part) => (part.type === 'text' ? [] : this.#writePart(part, false)))
    if (parts.some((part) => 'cache' in part)) this.#dropped.add('cache')
    if (media.length > 0 && !this.#isThird) this.#dropped.add('messages.toolResult.parts')
    const inside = this.#isThird && media.length > 0 ? { parts: media } : {}
    const response = writeResponse(texts.join('\n'), isError)
    const functionResponse = { ...(id === '' ? {} : { id }), name, response, ...inside }
    return [{ functionResponse }, ...(this.#isThird ? [] : media)]
  }

  #writeMedia(source: MediaSource): RawJsonObject[] {
    switch (source.kind) {
      case 'base64':
        return [{ inlineData: { mimeType: source.mediaType, data: source.data } }]
      case 'text':
        return [
          {
            inlineData: {
              mimeType: source.mediaType ?? 'text/plain',
              data: Buffer.from(source.text).toString('base64'),
            },
          },
        ]
      case 'url': {
        const mimeType = source.mediaType ?? mediaTypeOfUrl(source.url)
        return [{ fileData: { fileUri: source.url, ...(mimeType === undefined ? {} : { mimeType }) } }]
      }
      case 'file-id':
        if (source.dialect === 'gemini') return [{ fileData: { fileUri: source.id } }]
        throw unservable(
          'The file was uploaded to another provider, and Gemini cannot read it; send its data.',
          'messages',
        )
    }
  }
}

/** An object of the tool's own is the response; words are its `output` or `error`. */
function writeResponse(text: string, isError: boolean): RawJsonObject | RawJson {
  const object = rawObject(text)
  if (isError) return { error: object ?? text }
  return object ?? { output: text }
}
