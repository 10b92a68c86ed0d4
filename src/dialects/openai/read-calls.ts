import type { PartHead } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { readThoughtSignature } from './thought-signature.ts'

interface OpenCall {
  part: number
  id: string
  isCustom: boolean
}

/** Where the parts of calls go. */
export interface CallSink {
  start(head: PartHead): number
  delta(part: number, text: string): void
  end(part: number): void
}

/**
 * The tool calls of one choice, whole or in fragments. OpenAI numbers them; compatible servers may leave the number out,
 * repeat one, send each call whole, or give arguments as an object.
 */
export class OpenCalls {
  count = 0
  readonly #sink: CallSink
  readonly #numbered = new Map<number, OpenCall>()
  readonly #open: OpenCall[] = []

  constructor(sink: CallSink) {
    this.#sink = sink
  }

  read(message: JsonObject): void {
    for (const call of asArray(message['tool_calls']).filter(isObject)) this.#read(call)
    const { function_call: legacy } = message
    // Some servers write both, the legacy one empty.
    if (isObject(legacy) && (asString(legacy['name']) || asString(legacy['arguments']))) {
      this.#read({ index: LEGACY, function: legacy })
    }
  }

  close(): void {
    for (const { part, isCustom } of this.#open.splice(0)) {
      if (isCustom) this.#sink.delta(part, '"}')
      this.#sink.end(part)
    }
    this.#numbered.clear()
  }

  #read(call: JsonObject): void {
    const called = asObject(call[isCustom(call) ? 'custom' : 'function'])
    const open = this.#find(call, called) ?? this.#begin(call, called)
    const fragment = argumentsText(called[open.isCustom ? 'input' : 'arguments'])
    if (fragment === '') return
    this.#sink.delta(open.part, open.isCustom ? escape(fragment) : fragment)
  }

  /** The call that this is a further fragment of, if it is one. */
  #find(call: JsonObject, called: JsonObject): OpenCall | undefined {
    const index = asNumber(call['index'])
    const id = idOf(call)
    const isNamed = asString(called['name']) !== undefined && called['name'] !== ''
    if (index !== undefined) {
      const open = this.#numbered.get(index)
      return open && isNamed && id !== '' && open.id !== '' && id !== open.id ? undefined : open
    }
    if (id !== '') return this.#open.find((open) => open.id === id)
    return isNamed ? undefined : this.#open.at(-1)
  }

  #begin(call: JsonObject, called: JsonObject): OpenCall {
    const id = idOf(call)
    const state = readThoughtSignature(call)
    const name = asString(called['name']) ?? ''
    const part = this.#sink.start({ kind: 'tool-call', id, name, ...(state && { state }) })
    const open = { part, id, isCustom: isCustom(call) }
    // A custom tool's input is text: the one argument of the function that stands for it.
    if (open.isCustom) this.#sink.delta(part, '{"input":"')
    const index = asNumber(call['index'])
    if (index !== undefined) this.#numbered.set(index, open)
    this.#open.push(open)
    this.count++
    return open
  }
}

const LEGACY = -1

/** Fragments do not say their type, and some servers give each call both members. */
function isCustom(call: JsonObject): boolean {
  return call['type'] === 'custom' || (isObject(call['custom']) && !isObject(call['function']))
}

/** Old TGI numbers its calls. */
function idOf({ id }: JsonObject): string {
  return typeof id === 'number' ? String(id) : (asString(id) ?? '')
}

function argumentsText(given: unknown): string {
  if (typeof given === 'string') return given
  return isObject(given) ? JSON.stringify(given) : ''
}

/** Text inside a JSON string; halves of a character in two fragments are written apart. */
function escape(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
