import type { CandidateEnd, PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { readUrl } from '../../core/media.ts'
import type { Annotation } from '../../core/request.ts'
import type { ModelState } from '../../core/state.ts'
import { readAnnotation } from './annotations.ts'
import { DIALECT } from './dialect-name.ts'
import { readEnd } from './finish-reason.ts'
import { readLogprobs } from './logprobs.ts'
import { OpenCalls } from './read-calls.ts'
import { readContentList, type Said, type TextKind } from './read-content.ts'
import { detailState, detailText, detailType } from './reasoning-details.ts'
import { readThoughtSignature } from './thought-signature.ts'

interface OpenText {
  kind: TextKind
  part: number
  /** What came of the entry of `reasoning_details` that this is the text of. */
  detail?: JsonObject
  state?: ModelState
}

/**
 * The parts of one choice: OpenAI marks neither where one begins nor where it ends. A text ends when something else
 * follows; tool calls stay open to the end, because their fragments may come in turns.
 */
export class Choice {
  readonly #index: number
  readonly #calls: OpenCalls
  #parts = 0
  #finish: CandidateEnd | undefined
  #isFinished = false
  #open: OpenText | undefined
  #events: ReplyEvent[] = []
  readonly #sound: Buffer[] = []

  constructor(index: number) {
    this.#index = index
    this.#calls = new OpenCalls({
      start: (head) => {
        this.#closeText()
        return this.#start(head)
      },
      delta: (part, text) => this.#delta(part, text),
      end: (part) => this.#end(part),
    })
  }

  /** Whether a finish reason was given. */
  get hasEnd(): boolean {
    return this.#finish !== undefined
  }

  get hasCalls(): boolean {
    return this.#calls.count > 0
  }

  /**
   * What a choice says; `message` is its whole message or its delta, which hold the same members, a delta's in pieces. Its
   * end is told by `finish`.
   */
  read(choice: JsonObject, message: JsonObject): ReplyEvent[] {
    if (this.#isFinished) return []
    this.#message(message)
    const tokens = readLogprobs(choice['logprobs'])
    if (tokens.length > 0) this.#events.push({ type: 'logprobs', candidate: this.#index, tokens })
    this.#finish = readEnd(choice, this.hasCalls) ?? this.#finish
    return this.#take()
  }

  /** Closes what is open, and says how the choice ended if it did. `sources` are those of its text. */
  finish(sources: readonly Annotation[] = []): ReplyEvent[] {
    if (this.#isFinished) return []
    for (const source of sources) this.#annotate(source)
    this.#closeText()
    this.#calls.close()
    this.#closeSound()
    // Calls that came without a finish reason are what the model waits for.
    const end = this.#finish ?? (this.hasCalls ? { reason: 'tool_calls' } : undefined)
    if (end) this.#events.push({ type: 'candidate-end', candidate: this.#index, ...end })
    this.#isFinished = true
    return this.#take()
  }

  #message(message: JsonObject): void {
    this.#think(message)
    const { content } = message
    for (const said of typeof content === 'string' ? [] : readContentList(content)) this.#say(said)
    this.#text('text', asString(content))
    this.#transcribe(asObject(message['audio']), content)
    for (const annotation of asArray(message['annotations']).filter(isObject)) {
      this.#annotate(readAnnotation(annotation))
    }
    const signature = readThoughtSignature(message)
    if (signature) this.#openText('text').state = signature
    this.#text('refusal', asString(message['refusal']))
    this.#calls.read(message)
    for (const image of asArray(message['images']).filter(isObject)) this.#picture(image)
  }

  #annotate(annotation: Annotation): void {
    const { part } = this.#openText('text')
    this.#events.push({ type: 'annotation', candidate: this.#index, part, annotation })
  }

  #think(message: JsonObject): void {
    const details = asArray(message['reasoning_details']).filter(isObject)
    // Servers with details repeat their text as a plain one.
    if (details.every((detail) => detailText(detail) === '')) {
      this.#text('thinking', asString(message['reasoning_content']) || asString(message['reasoning']))
    }
    for (const detail of details) this.#detail(detail)
  }

  #detail(detail: JsonObject): void {
    const type = detailType(detail)
    if (type === undefined) return
    if (type === 'reasoning.encrypted') {
      const state = detailState(detail)
      if (state) this.#whole({ kind: 'redacted-thinking', state })
      return
    }
    const before = this.#open?.detail
    if (before && (before['index'] !== detail['index'] || before['type'] !== type)) this.#closeText()
    this.#text('thinking', detailText(detail))
    if (this.#open?.kind !== 'thinking' && !detailState(detail)) return
    const open = this.#openText('thinking')
    open.detail = { ...open.detail, ...withoutNulls(detail) }
  }

  #say(said: Said): void {
    if (said.kind === 'media') this.#picture(said.image)
    else {
      this.#text(said.kind, said.text)
      if (said.state) this.#openText(said.kind).state = said.state
    }
  }

  #picture(image: JsonObject): void {
    const url = asString(asObject(image['image_url'])['url'])
    const source = url === undefined ? undefined : readUrl(url)
    if (source?.kind === 'base64') {
      this.#whole({ kind: 'media', mediaType: source.mediaType, data: source.data })
    } else this.#whole({ kind: 'opaque', dialect: DIALECT, value: image })
  }

  /** Sound comes with what is said in it, as a text in place of the content. */
  #transcribe({ data, transcript }: JsonObject, content: unknown): void {
    if (typeof content !== 'string' || content === '') this.#text('text', asString(transcript))
    if (typeof data === 'string' && data !== '') this.#sound.push(Buffer.from(data, 'base64'))
  }

  #text(kind: TextKind, text: string | undefined): void {
    if (text !== undefined && text !== '') this.#delta(this.#openText(kind).part, text)
  }

  #openText(kind: TextKind): OpenText {
    if (this.#open?.kind === kind) return this.#open
    this.#closeText()
    this.#open = { kind, part: this.#start({ kind }) }
    return this.#open
  }

  #closeText(): void {
    if (!this.#open) return
    const { part, detail, state } = this.#open
    this.#open = undefined
    this.#end(part, state ?? (detail && detailState(detail)))
  }

  #closeSound(): void {
    const sound = Buffer.concat(this.#sound.splice(0))
    if (sound.length === 0) return
    this.#whole({ kind: 'media', mediaType: 'audio/wav', data: sound.toString('base64') })
  }

  #whole(head: PartHead): void {
    this.#closeText()
    this.#end(this.#start(head))
  }

  #start(head: PartHead): number {
    const part = this.#parts++
    this.#events.push({ type: 'part-start', candidate: this.#index, part, ...head })
    return part
  }

  #delta(part: number, text: string): void {
    this.#events.push({ type: 'part-delta', candidate: this.#index, part, text })
  }

  #end(part: number, state?: ModelState): void {
    this.#events.push({ type: 'part-end', candidate: this.#index, part, ...(state && { state }) })
  }

  #take(): ReplyEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}
