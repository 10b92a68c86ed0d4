import type { Message, Part, ToolResultPart } from '../../core/request.ts'
import { rawObject, type RawJson, type RawJsonObject } from '../../wire/raw-json.ts'
import { refuse } from '../single-prompt.ts'

export interface MessageOptions {
  /** Whether further members of messages are Ollama's own. */
  ownExtras: boolean
  /** Gets the names of what has no place. */
  dropped: Set<string>
}

/**
 * Canonical messages as Ollama's, which have one text and a list of images each. Throws a 422 for media that Ollama cannot
 * read, and for arguments of a tool call that are no JSON object.
 */
export function writeMessages(messages: readonly Message[], options: MessageOptions): RawJsonObject[] {
  const names = namesOfCalls(messages)
  return messages.flatMap((message) => {
    const results = message.parts.filter((part) => part.type === 'tool-result')
    const others = message.parts.filter((part) => part.type !== 'tool-result')
    const extras = writeExtras(message, options)
    const written = results.map((result) => ({ ...writeResult(result, names, options), ...extras }))
    if (others.length === 0 && results.length > 0) return written
    const role = ROLES.get(message.role) ?? 'user'
    return [...written, { role, ...new MessageWriter(options).write(others), ...extras }]
  })
}

const ROLES: ReadonlyMap<string, string> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['assistant', 'assistant'],
])

/** Results name their tool, and others than Ollama only the call. */
function namesOfCalls(messages: readonly Message[]): ReadonlyMap<string, string> {
  const calls = messages.flatMap(({ parts }) => parts).filter((part) => part.type === 'tool-call')
  return new Map(calls.map(({ id, name }) => [id, name]))
}

function writeResult(
  result: ToolResultPart,
  names: ReadonlyMap<string, string>,
  options: MessageOptions,
): RawJsonObject {
  const { callId, name = names.get(callId), isError } = result
  if (isError === true) options.dropped.add('messages.isError')
  if (result.cache) options.dropped.add('cache')
  return {
    role: 'tool',
    ...new MessageWriter(options).write(result.parts),
    ...(name === undefined ? {} : { tool_name: name }),
    tool_call_id: callId,
  }
}

function writeExtras({ extras }: Message, { ownExtras, dropped }: MessageOptions): RawJsonObject {
  if (ownExtras) return extras
  for (const name of Object.keys(extras)) dropped.add(`messages.${name}`)
  return {}
}

class MessageWriter {
  readonly #dropped: Set<string>
  readonly #texts: string[] = []
  readonly #images: string[] = []
  readonly #calls: RawJsonObject[] = []
  #thinking = ''

  constructor({ dropped }: MessageOptions) {
    this.#dropped = dropped
  }

  write(parts: readonly Part[]): RawJsonObject {
    for (const part of parts) this.#part(part)
    const written: RawJsonObject = { content: this.#texts.join('\n\n') }
    if (this.#thinking !== '') written['thinking'] = this.#thinking
    if (this.#images.length > 0) written['images'] = this.#images
    if (this.#calls.length > 0) written['tool_calls'] = this.#calls
    return written
  }

  #part(part: Part): void {
    if ('cache' in part && part.cache) this.#dropped.add('cache')
    if ((part.type === 'text' || part.type === 'tool-call') && part.state)
      this.#dropped.add('messages.signature')
    switch (part.type) {
      case 'text':
        if (part.annotations?.length) this.#dropped.add('messages.annotations')
        this.#texts.push(part.text)
        return
      case 'refusal':
        this.#texts.push(part.text)
        return
      case 'image':
        if (part.source.kind !== 'base64') {
          throw refuse('Ollama fetches no images: send the data in base64 instead of a URL.')
        }
        if (part.detail !== undefined) this.#dropped.add('messages.detail')
        this.#images.push(part.source.data)
        return
      case 'file':
        if (part.source.kind !== 'text') throw refuse('Ollama reads no files: send the text of the document.')
        this.#texts.push(part.source.text)
        return
      case 'thinking':
        // Ollama signs nothing: what is signed is another model's.
        if (part.state && part.state.dialect !== 'ollama') this.#dropped.add('messages.thinking')
        else this.#thinking += part.text
        return
      case 'redacted-thinking':
        this.#dropped.add('messages.thinking')
        return
      case 'tool-call':
        this.#calls.push({
          id: part.id,
          type: 'function',
          function: { name: part.name, arguments: readArguments(part) },
        })
        return
      case 'audio':
      case 'tool-result':
      case 'opaque':
        throw refuse(`Ollama reads no parts of the type '${part.type}'.`)
    }
  }
}

/** Ollama wants an object where others have its text. */
function readArguments({
  id,
  name,
  arguments: text,
}: {
  id: string
  name: string
  arguments: string
}): RawJson | RawJsonObject {
  if (text.trim() === '') return {}
  const object = rawObject(text)
  if (object) return object
  throw refuse(`The arguments of tool call '${id}' to '${name}' are not a JSON object.`)
}
