import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import { readCitation } from './citations.ts'
import { readCallHead, readOwnSignature } from './signatures.ts'

/** One block of an answer, from its start to its end, as the events of one part. */
export interface OpenBlock {
  extend(delta: JsonObject): ReplyEvent[]
  close(): ReplyEvent[]
}

/** A block that begins as `block`, the answer's part number `part`, with its first events. */
export function openBlock(block: JsonObject, part: number): { open: OpenBlock; events: ReplyEvent[] } {
  const at = { candidate: 0, part }
  const head = readHead(block)
  if (!head) return { open: new OpaqueBlock(block, at), events: [] }
  const open = new PartBlock(head.kind, block, at)
  return { open, events: [{ type: 'part-start', ...at, ...head }, ...open.begin()] }
}

interface Place {
  candidate: number
  part: number
}

class PartBlock implements OpenBlock {
  readonly #kind: PartHead['kind']
  readonly #block: JsonObject
  readonly #at: Place
  #isFilled = false
  #signature: string

  constructor(kind: PartHead['kind'], block: JsonObject, at: Place) {
    this.#kind = kind
    this.#block = block
    this.#at = at
    this.#signature = asString(block['signature']) ?? ''
  }

  /** What the start already says: always nothing in Anthropic's own streams, all in whole messages. */
  begin(): ReplyEvent[] {
    const { text = '', thinking = '', citations } = this.#block
    return [
      ...this.extend({ text, thinking }),
      ...asArray(citations).flatMap((citation) => this.#cite(citation)),
    ]
  }

  extend(delta: JsonObject): ReplyEvent[] {
    if (typeof delta['signature'] === 'string') this.#signature = delta['signature']
    if (isObject(delta['citation'])) return this.#cite(delta['citation'])
    const text = asString(delta[DELTA_FIELDS[this.#kind] ?? ''])
    if (text === undefined || text === '') return []
    this.#isFilled = true
    return [{ type: 'part-delta', ...this.#at, text }]
  }

  close(): ReplyEvent[] {
    const events: ReplyEvent[] = []
    // No piece of a tool's input came: it is whole in the block's start, or empty.
    if (this.#kind === 'tool-call' && !this.#isFilled) {
      events.push({ type: 'part-delta', ...this.#at, text: JSON.stringify(asObject(this.#block['input'])) })
    }
    const state = this.#kind === 'thinking' ? readOwnSignature(this.#signature) : undefined
    return [...events, { type: 'part-end', ...this.#at, ...(state ? { state } : {}) }]
  }

  #cite(citation: unknown): ReplyEvent[] {
    const annotation: Annotation | undefined = this.#kind === 'text' ? readCitation(citation) : undefined
    return annotation ? [{ type: 'annotation', ...this.#at, annotation }] : []
  }
}

/** Where a delta keeps its text. */
const DELTA_FIELDS: Readonly<Partial<Record<PartHead['kind'], string>>> = {
  text: 'text',
  thinking: 'thinking',
  'tool-call': 'partial_json',
}

/** A block that no other dialect knows. It is put together and given whole, at its end. */
class OpaqueBlock implements OpenBlock {
  readonly #value: JsonObject
  readonly #at: Place
  #input = ''

  constructor(block: JsonObject, at: Place) {
    this.#value = { ...block }
    this.#at = at
  }

  extend({ type: _type, partial_json, ...delta }: JsonObject): ReplyEvent[] {
    this.#input += asString(partial_json) ?? ''
    for (const [name, piece] of Object.entries(delta)) this.#value[name] = join(this.#value[name], piece)
    return []
  }

  close(): ReplyEvent[] {
    const input = parseInput(this.#input)
    const value = input ? { ...this.#value, input } : this.#value
    return [
      { type: 'part-start', ...this.#at, kind: 'opaque', dialect: 'anthropic', value },
      { type: 'part-end', ...this.#at },
    ]
  }
}

function join(before: JsonValue | undefined, piece: JsonValue): JsonValue {
  return typeof before === 'string' && typeof piece === 'string' ? before + piece : piece
}

function parseInput(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function readHead(block: JsonObject): PartHead | undefined {
  switch (block['type']) {
    case 'text':
      return { kind: 'text' }
    case 'thinking':
      return { kind: 'thinking' }
    case 'redacted_thinking':
      return {
        kind: 'redacted-thinking',
        state: { dialect: 'anthropic', data: asString(block['data']) ?? '' },
      }
    case 'tool_use':
      return readCallHead(block)
    default:
      return undefined
  }
}
