import type { PartHead, ReplyEvent } from '../../core/events.ts'
import type { Annotation } from '../../core/request.ts'
import type { ModelState } from '../../core/state.ts'

/** Parts whose deltas may be joined: of calls and of what comes whole, each is its own. */
type Textual = 'text' | 'thinking'

interface OpenPart {
  part: number
  kind: PartHead['kind']
  /** The provider has ended its block; the part goes on should the next block continue it. */
  isClosing: boolean
  /** Of text: how long it is by now. */
  length: number
  citations: Annotation[]
  state?: ModelState
}

/**
 * Turns Converse's blocks, by their index, into canonical parts. A block of text begins with its first delta, without an
 * announcement. Some models (Nova) open a new block for each delta of one text: such blocks become one part again.
 */
export class OpenParts {
  #count = 0
  readonly #open = new Map<number, OpenPart>()

  /** A part of its own. */
  start(index: number, head: PartHead, events: ReplyEvent[]): void {
    this.closeAll(events)
    this.#start(index, head, events)
  }

  text(index: number, text: string, events: ReplyEvent[]): void {
    if (text !== '') extend(this.#textual(index, 'text', events), text, events)
  }

  think(index: number, text: string, events: ReplyEvent[]): void {
    if (text !== '') extend(this.#textual(index, 'thinking', events), text, events)
  }

  /** A block's citations are of all its text, so they wait until that is known. */
  cite(index: number, annotation: Annotation, events: ReplyEvent[]): void {
    if (!this.#open.has(index)) this.closeAll(events)
    this.#textual(index, 'text', events).citations.push(annotation)
  }

  sign(index: number, state: ModelState, events: ReplyEvent[]): void {
    this.#textual(index, 'thinking', events).state = state
  }

  /** A piece of a call's arguments; of blocks that are no call it is nothing. */
  input(index: number, text: string, events: ReplyEvent[]): void {
    const open = this.#open.get(index)
    if (open?.kind === 'tool-call' && text !== '') extend(open, text, events)
  }

  close(index: number, events: ReplyEvent[]): void {
    const open = this.#open.get(index)
    if (!open) return
    if (open.kind === 'text' && open.citations.length === 0) open.isClosing = true
    else this.#end(index, open, events)
  }

  closeAll(events: ReplyEvent[]): void {
    for (const [index, open] of this.#open)
      if (open.isClosing || open.kind !== 'tool-call') this.#end(index, open, events)
  }

  endAll(events: ReplyEvent[]): void {
    for (const [index, open] of this.#open) this.#end(index, open, events)
  }

  #textual(index: number, kind: Textual, events: ReplyEvent[]): OpenPart {
    const open = this.#open.get(index) ?? this.#continued(index, kind)
    if (open?.kind === kind) return open
    this.closeAll(events)
    return this.#start(index, { kind }, events)
  }

  /** The text that this block goes on with, if there is one. */
  #continued(index: number, kind: Textual): OpenPart | undefined {
    for (const [before, open] of this.#open) {
      if (!open.isClosing || open.kind !== kind) continue
      this.#open.delete(before)
      open.isClosing = false
      this.#open.set(index, open)
      return open
    }
    return undefined
  }

  #start(index: number, head: PartHead, events: ReplyEvent[]): OpenPart {
    const before = this.#open.get(index)
    if (before) this.#end(index, before, events)
    const open: OpenPart = {
      part: this.#count++,
      kind: head.kind,
      isClosing: false,
      length: 0,
      citations: [],
    }
    this.#open.set(index, open)
    events.push({ type: 'part-start', candidate: 0, part: open.part, ...head })
    return open
  }

  #end(index: number, { part, kind, length, citations, state }: OpenPart, events: ReplyEvent[]): void {
    this.#open.delete(index)
    for (const citation of citations) {
      const annotation = { ...citation, start: 0, end: length }
      events.push({ type: 'annotation', candidate: 0, part, annotation })
    }
    // A call without arguments: its pieces were empty, or none.
    if (kind === 'tool-call' && length === 0)
      events.push({ type: 'part-delta', candidate: 0, part, text: '{}' })
    events.push({ type: 'part-end', candidate: 0, part, ...(state ? { state } : {}) })
  }
}

function extend(open: OpenPart, text: string, events: ReplyEvent[]): void {
  open.length += text.length
  events.push({ type: 'part-delta', candidate: 0, part: open.part, text })
}
