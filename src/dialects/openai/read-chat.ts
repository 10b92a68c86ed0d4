import type {
  ChatClientRequest,
  EmbeddingsClientRequest,
  ReplyWriter,
  StreamFilter,
  TargetModel,
} from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import { asObject, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, EmbeddingsRequest, Message } from '../../core/request.ts'
import { invalidRequest, OpenBody } from '../../wire/open-body.ts'
import { writeFrame } from '../../wire/sse.ts'
import { DIALECT } from './dialect-name.ts'
import { readEmbeddingsOptions, readEncoding, writeEmbeddingsReply } from './embeddings.ts'
import { writeErrorObject } from './errors.ts'
import { parameterName } from './parameter-names.ts'
import { readMessage } from './read-messages.ts'
import { readOptions } from './read-request.ts'
import { readTools } from './read-tools.ts'
import { createStreamFilter } from './stream-filter.ts'
import type { CallStyle } from './write-message.ts'
import { OpenAiReplyWriter } from './write-reply.ts'
import { customNames } from './write-tools.ts'

/** A chat. Its bytes are read only when they must be translated; until then only where its members stand is known. */
export function readChat(body: Buffer): ChatClientRequest {
  const open = OpenBody.of(body)
  open.require('messages')
  return new OpenAiRequest(open, CHAT)
}

/** A legacy completion: a chat of one user message, as MLflow serves it. */
export function readCompletion(body: Buffer): ChatClientRequest {
  const open = OpenBody.of(body)
  open.require('prompt')
  return new OpenAiRequest(open, COMPLETIONS)
}

/** Lists of prompts and of tokens are for providers that speak the format, and for no other. */
function readPrompt(given: unknown): Message {
  const text = Array.isArray(given) && given.length === 1 ? asString(given[0]) : asString(given)
  if (text !== undefined) return { role: 'user', parts: [{ type: 'text', text }], extras: {} }
  throw invalidRequest("'prompt' must be a string, or a list of one string.", 'prompt')
}

/** Texts to embed. Lists of tokens pass through to providers that speak the format, and to no other. */
export function readEmbeddings(body: Buffer): EmbeddingsClientRequest {
  const open = OpenBody.of(body)
  open.require('input')
  return {
    operation: 'embeddings',
    speaks: EMBEDDINGS,
    embeddings: () => toEmbeddings(open.parse()),
    write: (reply) => writeEmbeddingsReply(reply, readEncoding(open.member('encoding_format'))),
    parameterName,
    passThrough: (format, target) => (format === EMBEDDINGS ? open.withModel(target) : undefined),
  }
}

interface Kind {
  /** The format that passes through. */
  format: string
  answers: 'chat' | 'completions'
  chunkObject: string
}

const CHAT: Kind = { format: 'openai-chat', answers: 'chat', chunkObject: 'chat.completion.chunk' }
const COMPLETIONS: Kind = {
  format: 'openai-completions',
  answers: 'completions',
  chunkObject: 'text_completion',
}
const EMBEDDINGS = 'openai-embeddings'

/** A class, because closures for each request cost more than all else that is done with its bytes. */
class OpenAiRequest implements ChatClientRequest {
  readonly operation = 'chat'
  readonly stream: boolean
  readonly speaks: string
  readonly repliesAs: ChatClientRequest['repliesAs']
  readonly filter?: () => StreamFilter
  readonly #open: OpenBody
  readonly #kind: Kind
  readonly #showsUsage: boolean

  constructor(open: OpenBody, kind: Kind) {
    this.#open = open
    this.#kind = kind
    this.stream = open.member('stream') === true
    this.speaks = kind.format
    this.repliesAs = { whole: kind.format, stream: kind.format }
    this.#showsUsage = asObject(open.member('stream_options'))['include_usage'] === true
    // The gateway asks for the usage of every stream; who did not ask does not see it.
    if (this.stream && !this.#showsUsage) this.filter = withoutUsage
  }

  chat(): ChatRequest {
    const open = this.#open
    if (this.#kind === CHAT) return toChat(open, readMessages(open.parse()))
    return toChat(open, [readPrompt(open.member('prompt'))])
  }

  passThrough(format: string, target: TargetModel): Buffer | string | undefined {
    return format === this.speaks && !this.#open.holdsForeignState ? this.#open.withModel(target) : undefined
  }

  writer(): ReplyWriter {
    const { answers, chunkObject } = this.#kind
    return new OpenAiReplyWriter({
      kind: answers,
      chunkObject,
      showsUsage: this.#showsUsage,
      showsDone: true,
      style: 'openai',
      ...callStyle(this.#open),
    })
  }

  writeStreamError(error: GatewayError): string {
    return writeFrame(JSON.stringify(writeErrorObject(error)))
  }

  parameterName(parameter: string): string {
    return parameterName(parameter)
  }
}

function withoutUsage(): StreamFilter {
  return createStreamFilter({ showsUsage: false, showsDone: true })
}

/** How the client's own tools are called. */
function callStyle(open: OpenBody): CallStyle {
  const tools = readTools(open.member('tools'), DIALECT) ?? []
  return { isLegacy: open.member('functions') !== undefined, custom: customNames({ tools }) }
}

/** The fields that are no options. */
const CHAT_FIELDS: ReadonlySet<string> = new Set(['model', 'messages', 'prompt', 'stream', 'stream_options'])

function toChat(open: OpenBody, messages: Message[]): ChatRequest {
  const json = open.parse()
  const request: ChatRequest = {
    messages,
    stream: json['stream'] === true,
    extras: withoutNulls(omit(json, CHAT_FIELDS)),
    extrasDialect: DIALECT,
  }
  readOptions(request)
  return request
}

/** Null is OpenAI's way to say that an option is not given. */
function withoutNulls(options: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null))
}

function readMessages(json: JsonObject): Message[] {
  const { messages } = json
  if (!Array.isArray(messages)) throw invalidRequest("'messages' must be a list of messages.", 'messages')
  return messages.map((message, index) => {
    if (isObject(message) && typeof message['role'] === 'string') return readMessage(message, DIALECT)
    throw invalidRequest(`'messages[${index}]' must be an object with a role.`, `messages[${index}]`)
  })
}

const EMBEDDINGS_FIELDS: ReadonlySet<string> = new Set(['model', 'input'])

function toEmbeddings(json: JsonObject): EmbeddingsRequest {
  const options = readEmbeddingsOptions(withoutNulls(omit(json, EMBEDDINGS_FIELDS)))
  return { input: readInput(json['input']), ...options, extrasDialect: DIALECT }
}

function readInput(input: unknown): string | string[] {
  if (typeof input === 'string') return input
  if (!Array.isArray(input)) throw invalidRequest("'input' must be a string or a list of strings.", 'input')
  const texts = input.filter((text) => typeof text === 'string')
  if (texts.length === input.length) return texts
  throw invalidRequest("'input' holds tokens, which this route's provider cannot read; send texts.", 'input')
}

/** The route that a body asks for: its `model`. */
export function readModel(body: Buffer): string {
  const open = OpenBody.of(body)
  open.require('model')
  const model = open.member('model')
  if (typeof model === 'string' && model !== '') return model
  throw invalidRequest("'model' must be the name of a route of this gateway.", 'model')
}
