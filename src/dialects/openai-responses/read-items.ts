import { GatewayError } from '../../core/error.ts'
import { asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Message, Part, RedactedThinkingPart, ThinkingPart } from '../../core/request.ts'
import type { ModelState } from '../../core/state.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { wrapInput } from './custom-tools.ts'
import { opaque, readContent } from './read-content.ts'
import { readCarriedState, readItemText } from './reasoning-item.ts'

/**
 * A request's `input` as messages. What the model gave in one turn (thoughts, texts, calls) is one message, and so are
 * results of calls in a row. Throws a 400 for what is no list of items.
 */
export function readInput(input: unknown): Message[] {
  if (typeof input === 'string') return [{ role: 'user', parts: readContent(input), extras: {} }]
  if (!Array.isArray(input)) throw invalidRequest("'input' must be a text or a list of items.", 'input')
  const items = new ItemsReader()
  for (const [index, item] of input.entries()) {
    if (!isObject(item)) throw invalidRequest(`'input[${index}]' must be an object.`, `input[${index}]`)
    items.read(item)
  }
  return items.messages
}

class ItemsReader {
  readonly messages: Message[] = []
  /** State that belongs to the part that comes next. */
  #carried: ModelState | undefined

  read(item: JsonObject): void {
    switch (item['type']) {
      case undefined:
      case null:
      case 'message':
        this.#message(item)
        break
      case 'function_call':
        this.#call(item, asString(item['arguments']) ?? '')
        break
      case 'custom_tool_call':
        this.#call(item, wrapInput(asString(item['input']) ?? ''))
        break
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.#turn('tool').parts.push(readResult(item))
        break
      case 'reasoning':
        this.#reasoning(item)
        break
      case 'item_reference':
        throw untranslatable('input', 'refers to an item that only the provider keeps')
      default:
        this.#turn('assistant').parts.push(opaque(item))
    }
  }

  #message(item: JsonObject): void {
    const role = asString(item['role']) ?? 'user'
    const parts = readContent(item['content'])
    if (role !== 'assistant') {
      this.messages.push({ role, parts, extras: {} })
      return
    }
    const turn = this.#turn('assistant')
    const phase = asString(item['phase'])
    if (phase !== undefined) turn.extras['phase'] = phase
    for (const part of parts) turn.parts.push(this.#settle(part))
  }

  #call(item: JsonObject, text: string): void {
    const id = asString(item['call_id']) ?? asString(item['id']) ?? ''
    const part = this.#settle({
      type: 'tool-call',
      id,
      name: asString(item['name']) ?? '',
      arguments: text,
    })
    this.#turn('assistant').parts.push(part)
  }

  #reasoning(item: JsonObject): void {
    const carried = readCarriedState(item)
    const turn = this.#turn('assistant')
    if (carried?.place === 'next') this.#carried = carried.state
    else if (carried?.place === 'previous') signLast(turn, carried.state)
    else {
      const part = readThought(readItemText(item), carried?.state)
      if (part) turn.parts.push(part)
    }
  }

  /** The part, with the state that was carried before it. */
  #settle(part: Part): Part {
    const state = this.#carried
    if (!state || (part.type !== 'text' && part.type !== 'tool-call')) return part
    this.#carried = undefined
    return { ...part, state }
  }

  #turn(role: 'assistant' | 'tool'): Message {
    const last = this.messages.at(-1)
    if (last?.role === role) return last
    const message: Message = { role, parts: [], extras: {} }
    this.messages.push(message)
    return message
  }
}

function signLast({ parts }: Message, state: ModelState): void {
  const last = parts.at(-1)
  if (last?.type === 'text' || last?.type === 'tool-call') last.state = state
}

/** Undefined for a thought that says nothing and has no state. */
function readThought(
  text: string,
  state: ModelState | undefined,
): ThinkingPart | RedactedThinkingPart | undefined {
  if (text !== '') return { type: 'thinking', text, ...(state && { state }) }
  return state && { type: 'redacted-thinking', state }
}

function readResult(item: JsonObject): Part {
  const { output } = item
  // Some clients send an object where a text belongs.
  const parts = isObject(output) ? readContent(JSON.stringify(output)) : readContent(output)
  return { type: 'tool-result', callId: asString(item['call_id']) ?? '', parts }
}

/** What needs the provider's own memory works only where the request passes through. */
export function untranslatable(field: string, reason: string): GatewayError {
  return new GatewayError(
    `'${field}' ${reason}, and this route's provider does not speak the Responses API. Send the whole conversation as 'input', or call a route whose provider does.`,
    { kind: 'bad_request', status: 422, detail: { param: field } },
  )
}
