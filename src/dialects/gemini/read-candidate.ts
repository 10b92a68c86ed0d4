import { randomBytes } from 'node:crypto'
import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { ModelState } from '../../core/state.ts'
import { readAnnotations, countSearches } from './citations.ts'
import { readFinishReason } from './finish-reasons.ts'
import { readLogprobs } from './logprobs.ts'
import { PartialArguments } from './partial-call.ts'

/** One of the answers of a reply, from its first part to its end. */
export class CandidateReader {
  /** Searches that the provider made for it. */
  searches = 0
  readonly #index: number
  #parts = 0
  /** The text or thinking that the next piece of its kind goes on with, until it is signed. */
  #open: OpenPart | undefined
  #hasCalls = false
  /** A call whose arguments are still coming. */
  #call: OpenCall | undefined
  #reason: string | undefined
  #explanation: string | undefined

  constructor(index: number) {
    this.#index = index
  }

  /** Whether the model has said why it stopped. */
  get hasEnded(): boolean {
    return this.#reason !== undefined
  }

  read(candidate: JsonObject, events: ReplyEvent[]): void {
    for (const part of asArray(asObject(candidate['content'])['parts']).map(asObject))
      this.#read(part, events)
    this.#annotate(candidate, events)
    this.searches += countSearches(candidate)
    const tokens = readLogprobs(candidate['logprobsResult'])
    if (tokens.length > 0) events.push({ type: 'logprobs', candidate: this.#index, tokens })
    const reason = asString(candidate['finishReason'])
    if (reason !== undefined && reason !== 'FINISH_REASON_UNSPECIFIED') this.#reason = reason
    this.#explanation = asString(candidate['finishMessage']) ?? this.#explanation
  }

  /** A whole reply may leave out the reason. */
  end(events: ReplyEvent[]): void {
    this.#endCall(events)
    const end = readFinishReason(this.#reason ?? 'STOP', this.#hasCalls)
    this.#close(events)
    if (end.reason === 'content_filter' && this.#explanation) {
      this.#addText({ kind: 'refusal' }, this.#explanation, events)
      this.#close(events)
    }
    events.push({ type: 'candidate-end', candidate: this.#index, ...end })
  }

  #read(part: JsonObject, events: ReplyEvent[]): void {
    const signature = asString(part['thoughtSignature'])
    const state: ModelState | undefined =
      signature === undefined || signature === '' ? undefined : { dialect: 'gemini', data: signature }
    const kind = part['thought'] === true ? 'thinking' : 'text'
    const media = asObject(part['inlineData'])
    const text = asString(part['text'])
    if (isObject(part['functionCall'])) this.#readCall(part['functionCall'], state, events)
    else if (state && text === undefined && kind === 'thinking' && isOnlySigned(part)) {
      this.#openPart({ kind: 'redacted-thinking', state }, events)
      this.#close(events)
    } else if (text !== undefined || isOnlySigned(part))
      this.#readText({ kind, text: text ?? '', state }, events)
    else if (typeof media['data'] === 'string' && kind === 'text') {
      const mediaType = asString(media['mimeType']) ?? 'application/octet-stream'
      this.#openPart({ kind: 'media', mediaType, data: media['data'] }, events)
      this.#close(events, state)
    } else if (Object.keys(part).length > 0) {
      this.#openPart({ kind: 'opaque', dialect: 'gemini', value: part }, events)
      this.#close(events)
    }
  }

  #readText({ kind, text, state }: TextPiece, events: ReplyEvent[]): void {
    if (text !== '' || state) this.#addText({ kind }, text, events)
    // What is said of the text may still follow the signature.
    if (state && this.#open) this.#open.state = state
  }

  #annotate(candidate: JsonObject, events: ReplyEvent[]): void {
    const isOpen = this.#open?.kind === 'text'
    for (const { start, end, ...annotation } of readAnnotations(candidate, this.#open?.text ?? '')) {
      if (this.#open?.kind !== 'text') this.#openPart({ kind: 'text' }, events)
      // The places count in a text that has ended; what is left is that there are sources.
      const places = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
      const placed = isOpen ? { ...annotation, ...places } : annotation
      events.push({
        type: 'annotation',
        candidate: this.#index,
        part: this.#open?.part ?? 0,
        annotation: placed,
      })
    }
  }

  #readCall(call: JsonObject, state: ModelState | undefined, events: ReplyEvent[]): void {
    const name = asString(call['name'])
    const continues = call['willContinue'] === true
    if (name !== undefined) {
      this.#endCall(events)
      // Older models give no id, and an application must be able to tell two calls apart.
      const id = asString(call['id']) || `call_${randomBytes(12).toString('hex')}`
      const isPartial = continues || call['partialArgs'] !== undefined
      this.#call = { id, name, state, args: isPartial ? new PartialArguments() : asObject(call['args']) }
    }
    // A piece of a call that began in a part of the stream that was not read.
    if (!this.#call) return
    if (this.#call.args instanceof PartialArguments) this.#call.args.add(call['partialArgs'])
    if (!continues) this.#endCall(events)
  }

  /** Calls are shown whole: the pieces of their arguments need not come in the order of their text. */
  #endCall(events: ReplyEvent[]): void {
    if (!this.#call) return
    const { id, name, state, args } = this.#call
    this.#call = undefined
    this.#hasCalls = true
    this.#openPart({ kind: 'tool-call', id, name, ...(state ? { state } : {}) }, events)
    this.#delta(args instanceof PartialArguments ? args.text : JSON.stringify(args), events)
    this.#close(events)
  }

  #addText(head: { kind: TextPiece['kind'] | 'refusal' }, text: string, events: ReplyEvent[]): void {
    if (this.#open?.kind !== head.kind || this.#open.state) this.#openPart(head, events)
    if (text !== '') this.#delta(text, events)
  }

  #openPart(head: PartHead, events: ReplyEvent[]): void {
    this.#close(events)
    const part = this.#parts++
    this.#open = { part, kind: head.kind, text: '' }
    events.push({ type: 'part-start', candidate: this.#index, part, ...head })
  }

  #delta(text: string, events: ReplyEvent[]): void {
    if (!this.#open) return
    if (this.#open.kind === 'text') this.#open.text += text
    events.push({ type: 'part-delta', candidate: this.#index, part: this.#open.part, text })
  }

  #close(events: ReplyEvent[], signed?: ModelState): void {
    if (!this.#open) return
    const { part, state = signed } = this.#open
    this.#open = undefined
    events.push({ type: 'part-end', candidate: this.#index, part, ...(state ? { state } : {}) })
  }
}

interface OpenPart {
  part: number
  kind: PartHead['kind']
  /** Of a text, since sources say where in it they belong. */
  text: string
  state?: ModelState
}

interface OpenCall {
  id: string
  name: string
  state: ModelState | undefined
  args: JsonObject | PartialArguments
}

interface TextPiece {
  kind: 'text' | 'thinking'
  text: string
  state: ModelState | undefined
}

/** A part that holds nothing but a signature: it signs what stands before it. */
function isOnlySigned(part: JsonObject): boolean {
  return (
    'thoughtSignature' in part &&
    Object.keys(part).every((name) => name === 'thoughtSignature' || name === 'thought')
  )
}
