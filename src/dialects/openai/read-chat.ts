import type { ClientRequest } from '../../core/dialect.ts'
import { asNumber, asObject, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, EmbeddingsRequest, Message } from '../../core/request.ts'
import { invalidRequest } from './errors.ts'
import { OpenBody } from './open-body.ts'
import { readMessage, readOptions } from './read-request.ts'

/** A chat. Its bytes are read only when they must be translated; until then only where its members stand is known. */
export function readChat(body: Buffer): ClientRequest {
  const open = new OpenBody(body)
  open.require('messages')
  return {
    ...streaming(open),
    chat: () => toChat(open, readMessages(open.parse())),
    embeddings: notServed,
    passThrough: (format, target) => (format === 'openai-chat' ? open.withModel(target) : undefined),
  }
}

/** A legacy completion: a chat of one user message, as MLflow serves it. */
export function readCompletion(body: Buffer): ClientRequest {
  const open = new OpenBody(body)
  open.require('prompt')
  const given = open.member('prompt')
  const prompt = Array.isArray(given) && given.length === 1 ? asString(given[0]) : asString(given)
  if (prompt === undefined) {
    throw invalidRequest("'prompt' must be a string, or a list of one string.", 'prompt')
  }
  return {
    ...streaming(open),
    chat: () => toChat(open, [{ role: 'user', parts: [{ type: 'text', text: prompt }], extras: {} }]),
    embeddings: notServed,
    passThrough: () => undefined,
  }
}

/** Texts to embed. Lists of tokens pass through to providers that speak the format, and to no other. */
export function readEmbeddings(body: Buffer): ClientRequest {
  const open = new OpenBody(body)
  open.require('input')
  return {
    stream: false,
    showsUsage: false,
    chat: notServed,
    embeddings: () => toEmbeddings(open.parse()),
    passThrough: (format, target) => (format === 'openai-embeddings' ? open.withModel(target) : undefined),
  }
}

function streaming(open: OpenBody): Pick<ClientRequest, 'stream' | 'showsUsage'> {
  const options = open.member('stream_options')
  return {
    stream: open.member('stream') === true,
    showsUsage: asObject(options)['include_usage'] === true,
  }
}

/** The fields that have a place of their own in the canonical request. */
const CHAT_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'prompt',
  'temperature',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'n',
  'stream',
  'stream_options',
])

function toChat(open: OpenBody, messages: Message[]): ChatRequest {
  const json = open.parse()
  const request: ChatRequest = {
    messages,
    stream: json['stream'] === true,
    extras: omit(json, CHAT_FIELDS),
    extrasDialect: 'openai',
  }
  const temperature = asNumber(json['temperature'])
  const maxTokens = asNumber(json['max_completion_tokens']) ?? asNumber(json['max_tokens'])
  const candidates = asNumber(json['n'])
  const stop = readStop(json['stop'])
  if (temperature !== undefined) request.temperature = temperature
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  if (candidates !== undefined) request.candidates = candidates
  if (stop) request.stop = stop
  readOptions(request)
  return request
}

function readStop(stop: unknown): string[] | undefined {
  if (typeof stop === 'string') return [stop]
  return Array.isArray(stop) && stop.length > 0 ? stop.filter((word) => typeof word === 'string') : undefined
}

function readMessages(json: JsonObject): Message[] {
  const { messages } = json
  if (!Array.isArray(messages)) throw invalidRequest("'messages' must be a list of messages.", 'messages')
  return messages.map((message, index) => {
    if (isObject(message) && typeof message['role'] === 'string') return readMessage(message)
    throw invalidRequest(`'messages[${index}]' must be an object with a role.`, `messages[${index}]`)
  })
}

function toEmbeddings(json: JsonObject): EmbeddingsRequest {
  const { input } = json
  const extras = omit(json, new Set(['model', 'input']))
  if (typeof input === 'string') return { input, extras }
  if (!Array.isArray(input)) throw invalidRequest("'input' must be a string or a list of strings.", 'input')
  const texts = input.filter((text) => typeof text === 'string')
  if (texts.length === input.length) return { input: texts, extras }
  throw invalidRequest("'input' holds tokens, which this route's provider cannot read; send texts.", 'input')
}

function notServed(): never {
  throw new Error('a request was asked for an operation that it is not for')
}

/** The route that a body asks for: its `model`. */
export function readModel(body: Buffer): string {
  const open = new OpenBody(body)
  open.require('model')
  const model = open.member('model')
  if (typeof model === 'string' && model !== '') return model
  throw invalidRequest("'model' must be the name of a route of this gateway.", 'model')
}
