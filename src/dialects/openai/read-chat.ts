import type { ChatClientRequest, EmbeddingsClientRequest } from '../../core/dialect.ts'
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
  return {
    ...chatAnswers('chat', open),
    speaks: CHAT,
    repliesAs: { whole: CHAT, stream: CHAT },
    chat: () => toChat(open, readMessages(open.parse())),
    passThrough: (format, target) =>
      format === CHAT && !open.holdsForeignState ? open.withModel(target) : undefined,
  }
}

/** A legacy completion: a chat of one user message, as MLflow serves it. */
export function readCompletion(body: Buffer): ChatClientRequest {
  const open = OpenBody.of(body)
  open.require('prompt')
  return {
    ...chatAnswers('completions', open),
    speaks: COMPLETIONS,
    repliesAs: { whole: COMPLETIONS, stream: COMPLETIONS },
    chat: () => toChat(open, [readPrompt(open.member('prompt'))]),
    passThrough: (format, target) => (format === COMPLETIONS ? open.withModel(target) : undefined),
  }
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

const CHAT = 'openai-chat'
const COMPLETIONS = 'openai-completions'
const EMBEDDINGS = 'openai-embeddings'

type ChatAnswers = Pick<
  ChatClientRequest,
  'operation' | 'stream' | 'writer' | 'filter' | 'writeStreamError' | 'parameterName'
>

/** How a chat or a completion is answered. */
function chatAnswers(kind: 'chat' | 'completions', open: OpenBody): ChatAnswers {
  const showsUsage = asObject(open.member('stream_options'))['include_usage'] === true
  const answers: ChatAnswers = {
    operation: 'chat',
    stream: open.member('stream') === true,
    writer: () =>
      new OpenAiReplyWriter({
        kind,
        chunkObject: kind === 'chat' ? 'chat.completion.chunk' : 'text_completion',
        showsUsage,
        showsDone: true,
        style: 'openai',
        ...callStyle(open),
      }),
    writeStreamError: (error) => writeFrame(JSON.stringify(writeErrorObject(error))),
    parameterName,
  }
  return showsUsage
    ? answers
    : { ...answers, filter: () => createStreamFilter({ showsUsage, showsDone: true }) }
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
