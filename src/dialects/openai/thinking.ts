import type { CollectedPart } from '../../core/collect.ts'
import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts'
import type { Part, ThinkingPart } from '../../core/request.ts'
import { readState, writeState, type ModelState } from '../../core/state.ts'

/**
 * Thinking in chat completions, which OpenAI's own API does not show: `reasoning_content` (DeepSeek and most servers) or
 * `reasoning` (Groq, OpenRouter) is its text, and `reasoning_details` (OpenRouter) what must come back unchanged.
 * Spec: https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 */
const DIALECT = 'openai'

/** What says that an entry was written by this gateway: its state is another dialect's, tagged. */
const FORMAT = 'gateway'

/** The thinking of an assistant's message in a client's history. State that belongs to its text or calls is apart. */
export function readThinking(message: JsonObject): { parts: Part[]; carried: Carried[] } {
  const details = asArray(message['reasoning_details']).filter(isObject)
  const parts: Part[] = []
  const carried: Carried[] = []
  for (const entry of details) {
    const read = readDetail(entry)
    if (read && 'place' in read) carried.push(read)
    else if (read) parts.push(read)
  }
  const text = thinkingText(message)
  if (parts.length === 0 && text !== undefined && text !== '') parts.push({ type: 'thinking', text })
  return { parts, carried }
}

/** State of a text or a call, which has no place of its own in this dialect. */
export interface Carried {
  place: 'next' | 'previous'
  state: ModelState
}

/** The text of a message's or a delta's thinking. */
export function thinkingText(message: JsonObject): string | undefined {
  return asString(message['reasoning_content']) ?? asString(message['reasoning'])
}

function readDetail(entry: JsonObject): Part | Carried | undefined {
  const sealed = asString(entry['data']) ?? asString(entry['signature'])
  const text = asString(entry['text']) ?? asString(entry['summary'])
  if (entry['format'] === FORMAT) {
    if (sealed === undefined) return text === undefined ? undefined : { type: 'thinking', text }
    const { state, place } = readState(sealed, DIALECT)
    if (place !== 'own') return { place, state }
    return text === undefined ? { type: 'redacted-thinking', state } : { type: 'thinking', text, state }
  }
  const state = { dialect: DIALECT, data: JSON.stringify(entry) }
  if (text === undefined) return sealed === undefined ? undefined : { type: 'redacted-thinking', state }
  return { type: 'thinking', text, state }
}

/** The entry for a client: own state is the entry itself, foreign state is tagged. */
export function writeDetail(
  part: { text?: string; state?: ModelState | undefined },
  index: number,
): JsonObject {
  const { state, text } = part
  if (state?.dialect === DIALECT)
    return { ...parseEntry(state.data), ...(text === undefined ? {} : { text }) }
  const sealed = state && writeState(state, DIALECT)
  if (text === undefined) return { type: 'reasoning.encrypted', data: sealed ?? '', format: FORMAT, index }
  return {
    type: 'reasoning.text',
    text,
    ...(sealed === undefined ? {} : { signature: sealed }),
    format: FORMAT,
    index,
  }
}

/** The entry that carries the state of a text or a call. */
export function writeCarrier({ place, state }: Carried, index: number): JsonObject {
  return { type: 'reasoning.encrypted', data: writeState(state, DIALECT, place), format: FORMAT, index }
}

/** A piece of streamed thinking: the pieces of one entry have one index. */
export function writePiece(text: string, index: number): JsonObject {
  return { type: 'reasoning.text', text, format: FORMAT, index }
}

/** Thinking for a client, whole; undefined when there is none. Without any state, the text says it all. */
export function writeThinking(parts: readonly CollectedPart[]): JsonObject | undefined {
  let text = ''
  const details: JsonValue[] = []
  const isSigned = parts.some((part) => part.kind === 'thinking' && part.state)
  for (const part of parts) {
    if (part.kind === 'thinking') {
      text += part.text
      if (isSigned) details.push(writeDetail(part, details.length))
    } else if (part.kind === 'redacted-thinking') {
      details.push(writeDetail({ state: part.state }, details.length))
    } else if (part.kind === 'text' && part.state) {
      details.push(writeCarrier({ place: 'previous', state: part.state }, details.length))
    }
  }
  if (text === '' && details.length === 0) return undefined
  return {
    ...(text === '' ? {} : { reasoning_content: text }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
  }
}

/**
 * Thinking for a provider: only what its own kind signed goes back. Undefined for other thinking, which is left out.
 */
export function restoreDetail(
  part: Extract<Part, { type: 'thinking' | 'redacted-thinking' }>,
): JsonObject | undefined {
  if (part.state?.dialect !== DIALECT) return undefined
  const entry = parseEntry(part.state.data)
  return part.type === 'thinking' ? { ...entry, [textName(entry)]: part.text } : entry
}

function textName(entry: JsonObject): 'text' | 'summary' {
  return entry['type'] === 'reasoning.summary' ? 'summary' : 'text'
}

/** State that did not come from such an entry is kept as a signature. */
function parseEntry(data: string): JsonObject {
  try {
    const entry: unknown = JSON.parse(data)
    if (isObject(entry)) return entry
  } catch {
    // Not an entry.
  }
  return { type: 'reasoning.text', signature: data }
}

/**
 * The parts of streamed details: pieces of a text under one index, its signature in one of them. Gives what becomes known
 * of each index when the thinking ends.
 */
export class DetailsCollector {
  readonly #entries = new Map<number, JsonObject>()

  /** The text of these details, for servers that send no other. */
  push(details: JsonValue | undefined): string {
    let text = ''
    for (const entry of asArray(details).map(asObject)) {
      const index = asNumber(entry['index']) ?? 0
      const { text: piece, summary, ...rest } = entry
      const known = this.#entries.get(index)
      this.#entries.set(index, { ...known, ...withoutNulls(rest) })
      text += asString(piece) ?? asString(summary) ?? ''
    }
    return text
  }

  /** The state that signs the thinking so far, and the redacted thinking beside it; they are then forgotten. */
  take(): { state?: ModelState; redacted: ModelState[] } {
    let state: ModelState | undefined
    const redacted: ModelState[] = []
    for (const entry of this.#entries.values()) {
      const read = readDetail(entry['data'] === undefined ? { ...entry, text: '' } : entry)
      if (!read || 'place' in read) continue
      if (read.type === 'redacted-thinking') redacted.push(read.state)
      else if (read.type === 'thinking' && entry['signature'] !== undefined) state = signed(read, entry)
    }
    this.#entries.clear()
    return { redacted, ...(state ? { state } : {}) }
  }
}

function signed(part: ThinkingPart, entry: JsonObject): ModelState | undefined {
  if (part.state?.dialect !== DIALECT) return part.state
  const { text: _text, ...bare } = entry
  return { dialect: DIALECT, data: JSON.stringify(bare) }
}

function withoutNulls(entry: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null))
}
