import type { PartHead, ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import type { ModelState } from '../../core/state.ts'
import { writeFrame } from '../../wire/sse.ts'
import { writeCitation } from './citations.ts'
import { isForeign, startBlock } from './reply-blocks.ts'
import { carrier, writeSignature } from './signatures.ts'

/** Where the blocks of a stream are counted. */
export interface BlockCount {
  next: number
}

/** One part of a stream, from its first event to its last, as the events of Anthropic's blocks. */
export class StreamedPart {
  readonly part: number
  readonly #head: PartHead
  readonly #count: BlockCount
  /** Where this part's block stands; undefined until there is something to show in it. */
  #index: number | undefined

  constructor({ part, ...head }: { part: number } & PartHead, count: BlockCount) {
    this.part = part
    this.#head = head
    this.#count = count
  }

  /** Its next bytes. The events are this part's own, in their order. */
  write(event: ReplyEvent): string {
    switch (event.type) {
      case 'part-start':
        return this.#begin()
      case 'part-delta':
        return event.text === '' ? '' : this.#open() + this.#delta(event.text)
      case 'annotation':
        return this.#cite(event.annotation)
      case 'part-end':
        return this.#end(event.state)
      default:
        return ''
    }
  }

  #begin(): string {
    const { kind } = this.#head
    // These are shown once they say something: Anthropic has no empty texts.
    if (kind === 'text' || kind === 'thinking' || kind === 'refusal') return ''
    const before =
      kind === 'tool-call' && isForeign(this.#head) ? this.#whole(carrier(this.#head.state, 'next')) : ''
    return before + this.#open()
  }

  #open(): string {
    if (this.#index !== undefined) return ''
    const block = startBlock(this.#head)
    if (!block) return ''
    this.#index = this.#count.next++
    return frame({ type: 'content_block_start', index: this.#index, content_block: block })
  }

  #delta(text: string): string {
    const [type, field] = DELTAS[this.#head.kind] ?? []
    return type === undefined || field === undefined ? '' : this.#extend({ type, [field]: text })
  }

  #cite(annotation: Annotation): string {
    const citation = this.#head.kind === 'text' ? writeCitation(annotation) : undefined
    if (!citation) return ''
    const opened = this.#open()
    return opened + this.#extend({ type: 'citations_delta', citation })
  }

  #end(state: ModelState | undefined): string {
    const { kind } = this.#head
    const opened = kind === 'thinking' && state ? this.#open() : ''
    const isShown = this.#index !== undefined
    const signed =
      kind === 'thinking' && isShown
        ? this.#extend({ type: 'signature_delta', signature: writeSignature(state) })
        : ''
    return opened + signed + this.#close() + this.#carry(state, isShown)
  }

  #extend(delta: JsonObject): string {
    return this.#index === undefined ? '' : frame({ type: 'content_block_delta', index: this.#index, delta })
  }

  #close(): string {
    return this.#index === undefined ? '' : frame({ type: 'content_block_stop', index: this.#index })
  }

  /** State that came with the end, and has no place in the block. */
  #carry(state: ModelState | undefined, isShown: boolean): string {
    if (!state || this.#head.kind === 'thinking') return ''
    return this.#whole(carrier(state, isShown ? 'previous' : 'own'))
  }

  #whole(block: JsonObject): string {
    const index = this.#count.next++
    return (
      frame({ type: 'content_block_start', index, content_block: block }) +
      frame({ type: 'content_block_stop', index })
    )
  }
}

/** The kind of a delta and the field that holds its text. */
const DELTAS: Readonly<Partial<Record<PartHead['kind'], readonly [string, string]>>> = {
  text: ['text_delta', 'text'],
  refusal: ['text_delta', 'text'],
  thinking: ['thinking_delta', 'thinking'],
  'tool-call': ['input_json_delta', 'partial_json'],
}

/** One event of a stream, named as its data is. */
export function frame(data: JsonObject & { type: string }): string {
  return writeFrame(JSON.stringify(data), data.type)
}
