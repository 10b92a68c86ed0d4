import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { CacheMark, MediaSource, Part } from '../../core/request.ts'
import { readState } from '../../core/state.ts'
import { readCitation } from './citations.ts'
import { readCallHead, readSignature } from './signatures.ts'

/** A message's content: a text, or a list of blocks. What is neither has no parts. */
export function readContent(content: JsonValue | undefined): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  const parts: Part[] = []
  const carried = new CarriedState()
  for (const block of asArray(content).filter(isObject)) {
    if (block['type'] === 'redacted_thinking' && carried.take(block, parts)) continue
    const part = readBlock(block)
    carried.giveTo(part)
    parts.push(part)
  }
  return parts
}

/** State of other dialects' models that came in a block of its own, beside the part to which it belongs. */
class CarriedState {
  #next: ReturnType<typeof readState>['state'] | undefined

  /** Whether the block only carries a neighbour's state. */
  take(block: JsonObject, before: readonly Part[]): boolean {
    const { state, place } = readState(asString(block['data']) ?? '', 'anthropic')
    if (place === 'own') return false
    const previous = before.at(-1)
    if (place === 'next') this.#next = state
    else if (previous && canHold(previous)) previous.state = state
    return true
  }

  giveTo(part: Part): void {
    if (!this.#next || !canHold(part)) return
    part.state = this.#next
    this.#next = undefined
  }
}

function canHold(part: Part): part is Extract<Part, { type: 'text' | 'tool-call' | 'thinking' }> {
  return part.type === 'text' || part.type === 'tool-call' || part.type === 'thinking'
}

/** One block of a request. What only Anthropic knows stays as it is. */
function readBlock(block: JsonObject): Part {
  const part = readKnownBlock(block) ?? { type: 'opaque', dialect: 'anthropic', value: block }
  const cache = readCacheMark(block['cache_control'])
  return cache && isMarkable(part) ? { ...part, cache } : part
}

type UnmarkablePart = Extract<Part, { type: 'thinking' | 'redacted-thinking' | 'refusal' | 'opaque' }>

function isMarkable(part: Part): part is Exclude<Part, UnmarkablePart> {
  return !UNMARKABLE.has(part.type)
}

const UNMARKABLE: ReadonlySet<Part['type']> = new Set<UnmarkablePart['type']>([
  'thinking',
  'redacted-thinking',
  'refusal',
  'opaque',
])

function readKnownBlock(block: JsonObject): Part | undefined {
  switch (block['type']) {
    case 'text':
      return readText(block)
    case 'image':
      return readImage(block)
    case 'document':
      return readDocument(block)
    case 'thinking': {
      const state = readSignature(block['signature'])
      return { type: 'thinking', text: asString(block['thinking']) ?? '', ...(state ? { state } : {}) }
    }
    case 'redacted_thinking':
      return {
        type: 'redacted-thinking',
        state: readState(asString(block['data']) ?? '', 'anthropic').state,
      }
    case 'tool_use': {
      const { kind, ...head } = readCallHead(block)
      return { type: kind, ...head, arguments: JSON.stringify(asObject(block['input'])) }
    }
    case 'tool_result':
      return {
        type: 'tool-result',
        callId: asString(block['tool_use_id']) ?? '',
        parts: readContent(block['content']),
        ...(typeof block['is_error'] === 'boolean' ? { isError: block['is_error'] } : {}),
      }
    default:
      return undefined
  }
}

function readText(block: JsonObject): Part {
  const annotations = asArray(block['citations'])
    .map(readCitation)
    .filter((annotation) => annotation !== undefined)
  return {
    type: 'text',
    text: asString(block['text']) ?? '',
    ...(annotations.length > 0 ? { annotations } : {}),
  }
}

function readImage(block: JsonObject): Part | undefined {
  const source = readSource(asObject(block['source']))
  return source && source.kind !== 'text' ? { type: 'image', source } : undefined
}

function readDocument(block: JsonObject): Part | undefined {
  const source = readSource(asObject(block['source']))
  if (!source) return undefined
  const name = asString(block['title'])
  const context = asString(block['context'])
  const { enabled } = asObject(block['citations'])
  return {
    type: 'file',
    // Documents at an address are PDFs; the API knows no others.
    source: source.kind === 'url' ? { ...source, mediaType: 'application/pdf' } : source,
    ...(name === undefined ? {} : { name }),
    ...(context === undefined ? {} : { context }),
    ...(typeof enabled === 'boolean' ? { citations: enabled } : {}),
  }
}

/** Undefined for a source that no other dialect has (a document made of blocks). */
function readSource({ type, media_type, data, url, file_id }: JsonObject): MediaSource | undefined {
  const mediaType = asString(media_type)
  if (type === 'base64' && typeof data === 'string') {
    return { kind: 'base64', mediaType: mediaType ?? 'application/octet-stream', data }
  }
  if (type === 'text' && typeof data === 'string') {
    return { kind: 'text', text: data, ...(mediaType === undefined ? {} : { mediaType }) }
  }
  if (type === 'url' && typeof url === 'string') return { kind: 'url', url }
  return type === 'file' && typeof file_id === 'string'
    ? { kind: 'file-id', id: file_id, dialect: 'anthropic' }
    : undefined
}

/** `{"type": "ephemeral", "ttl": "5m" | "1h"}`. */
export function readCacheMark(control: JsonValue | undefined): CacheMark | undefined {
  if (!isObject(control)) return undefined
  const { ttl } = control
  return ttl === '5m' || ttl === '1h' ? { ttl } : {}
}
