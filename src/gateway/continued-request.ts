import type { ChatClientRequest, ReplyWriter } from '../core/dialect.ts'
import type { ChatRequest, Message } from '../core/request.ts'

const INSTRUCTION =
  'Your answer above was cut off. Continue it exactly where it stops, in the middle of a word if need be. Repeat nothing of it and add no remark.'

/** A client's chat as it is asked of the next provider when `said` is all that came of the answer. */
export class ContinuedRequest implements ChatClientRequest {
  readonly operation = 'chat'
  readonly stream = true
  readonly repliesAs: ChatClientRequest['repliesAs']
  readonly speaks?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly #original: ChatClientRequest
  readonly #said: string

  constructor(original: ChatClientRequest, said: string) {
    this.#original = original
    this.#said = said
    this.repliesAs = original.repliesAs
    if (original.speaks !== undefined) this.speaks = original.speaks
    if (original.headers) this.headers = original.headers
  }

  chat(): ChatRequest {
    const chat = this.#original.chat()
    const answer: Message = { role: 'assistant', parts: [{ type: 'text', text: this.#said }], extras: {} }
    const wish: Message = { role: 'user', parts: [{ type: 'text', text: INSTRUCTION }], extras: {} }
    return { ...chat, messages: [...chat.messages, answer, wish] }
  }

  /** The client's own bytes do not hold what was said. */
  passThrough(): undefined {
    return undefined
  }

  writer(): ReplyWriter {
    return this.#original.writer()
  }

  writeStreamError(...failure: Parameters<ChatClientRequest['writeStreamError']>): string {
    return this.#original.writeStreamError(...failure)
  }

  parameterName(parameter: string): string {
    return this.#original.parameterName(parameter)
  }
}
