import type { CollectedPart } from '../../core/collect.ts'
import type { PartHead } from '../../core/events.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { Block } from './block.ts'
import { writeCitation } from './citations.ts'
import { carrier, writeCallState, writeSignature } from './signatures.ts'

/** The block that a part is, before anything was said in it; undefined for what only another dialect's clients know. */
export function startBlock(head: PartHead): JsonObject | undefined {
  switch (head.kind) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: '' }
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'redacted-thinking':
      return carrier(head.state, 'own')
    case 'tool-call':
      return {
        type: 'tool_use',
        id: head.id || makeId('toolu'),
        name: head.name,
        input: {},
        ...writeCallState(head.state),
      }
    case 'media':
      return writeMedia(head)
    case 'opaque':
      return head.dialect === 'anthropic' ? head.value : undefined
  }
}

/** A whole part, with the blocks that carry its state where Anthropic's own have no place for it. */
export function writePart(part: CollectedPart): Block[] {
  const block = startBlock(part)
  if (!block) return []
  const { kind, text, state } = part
  switch (kind) {
    case 'text':
    case 'refusal':
      if (text === '') return state ? [{ json: carrier(state, 'own') }] : []
      return state
        ? [{ json: writeText(part) }, { json: carrier(state, 'previous') }]
        : [{ json: writeText(part) }]
    case 'thinking':
      if (text === '' && !state) return []
      return [{ json: { ...block, thinking: text, signature: writeSignature(state) } }]
    case 'tool-call': {
      const { input: _input, ...json } = block
      const call = { json, input: writeInput(text) }
      return isForeign(part) ? [{ json: carrier(part.state, 'next') }, call] : [call]
    }
    case 'redacted-thinking':
    case 'media':
    case 'opaque':
      return [{ json: block }]
  }
}

/** Whether a call has state that its own block cannot hold. */
export function isForeign<Head extends Pick<CollectedPart, 'state'>>(
  head: Head,
): head is Head & { state: NonNullable<Head['state']> } {
  return head.state !== undefined && head.state.dialect !== 'anthropic'
}

/** An id in Anthropic's manner. */
export function makeId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`
}

function writeText({ text, annotations }: CollectedPart): JsonObject {
  const citations = annotations.map(writeCitation).filter((citation) => citation !== undefined)
  return citations.length > 0 ? { type: 'text', text, citations } : { type: 'text', text }
}

/** Arguments that are no JSON object are shown to the client as Anthropic advises to show them to the model. */
function writeInput(text: string): string {
  if (text.trim() === '') return '{}'
  try {
    if (isObject(JSON.parse(text))) return text
  } catch {
    // Said below.
  }
  return JSON.stringify({ INVALID_JSON: text })
}

/** Anthropic's models make no media. The blocks are those of requests, so that a client can send them back. */
function writeMedia({ mediaType, data }: Extract<PartHead, { kind: 'media' }>): JsonObject {
  const type = mediaType.startsWith('image/') ? 'image' : 'document'
  return { type, source: { type: 'base64', media_type: mediaType, data } }
}
