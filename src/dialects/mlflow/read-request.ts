import type { ChatClientRequest, EmbeddingsClientRequest } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import { asObject, isObject, omit, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { ChatRequest, EmbeddingsRequest, Message } from '../../core/request.ts'
import { STATE_MARK } from '../../core/state.ts'
import { spliceMembers } from '../../wire/json-splice.ts'
import { readEmbeddingsOptions, readEncoding, writeEmbeddingsReply } from '../openai/embeddings.ts'
import { readMessage } from '../openai/read-messages.ts'
import { readOptions } from '../openai/read-request.ts'
import { isReasoningModel } from '../openai/reasoning-models.ts'
import { createStreamFilter } from '../openai/stream-filter.ts'
import { modelMember } from '../openai/write-request.ts'
import { parameterName, writeStreamError } from './errors.ts'
import { Fields, invalidRequest, missingBody, notAMapping } from './fields.ts'
import { findJsonError } from './json-error.ts'
import { createWriter, writeVectors, type AnsweredType } from './write-reply.ts'

/** Which MLflow's request schema holds: the seed of June 2023, 2.5 to 2.8, or 2.9 and later. */
export type Contract = 'seed' | '2.5' | '2.9'

type ContentType = string | string[] | undefined

/** Read a chat request. Throws a 422 with a list of what is wrong, or a 400 for a parameter of the other contract. */
export function readChat(contract: Contract, body: Buffer, contentType: ContentType): ChatClientRequest {
  const fields = new Fields()
  const json = parseBody(body, contentType)
  const common = readCommon(contract, json, fields)
  const messages = fields
    .list(json['messages'], ['body', 'messages'], { min: 1 })
    .map((message, index) => readChatMessage(contract, { message, index }, fields))
  finish(contract, json, fields)
  return {
    ...chatRequest(contract, 'llm/v1/chat', { json, common, messages }),
    ...ownBytes(contract, { body, json, fields }),
  }
}

/** Read a completions request: a chat of one user message. */
export function readCompletions(
  contract: Contract,
  body: Buffer,
  contentType: ContentType,
): ChatClientRequest {
  const fields = new Fields()
  const json = parseBody(body, contentType)
  const common = readCommon(contract, json, fields)
  const prompt = fields.string(json['prompt'], ['body', 'prompt'])
  finish(contract, json, fields)
  const message: Message = { role: 'user', parts: [{ type: 'text', text: prompt }], extras: {} }
  return chatRequest(contract, 'llm/v1/completions', { json, common, messages: [message] })
}

/** Read an embeddings request. `text`, `texts` and 2.9's `input` are one field. */
export function readEmbeddings(
  contract: Contract,
  body: Buffer,
  contentType: ContentType,
): EmbeddingsClientRequest {
  const fields = new Fields()
  const json = parseBody(body, contentType)
  const name =
    ['input', 'text', 'texts'].find((key) => key in json) ?? (contract === '2.9' ? 'input' : 'text')
  const input = fields.text(json[name], ['body', name])
  finish(contract, json, fields)
  return {
    operation: 'embeddings',
    ...(contract === '2.9' ? { speaks: EMBEDDINGS } : {}),
    embeddings: (): EmbeddingsRequest => ({
      input,
      ...readEmbeddingsOptions(omit(json, EMBEDDINGS_FIELDS)),
    }),
    write: (reply) =>
      contract === '2.9'
        ? writeEmbeddingsReply(reply, readEncoding(json['encoding_format']))
        : writeVectors(reply),
    parameterName: (parameter) => parameterName(contract, parameter),
    passThrough(format, target) {
      if (format !== EMBEDDINGS || name !== 'input' || fields.coerced) return undefined
      return spliceMembers(body, modelMember(target))
    },
  }
}

interface CommonFields {
  temperature: number
  candidates: number
  candidatesField: 'n' | 'candidate_count'
  stop: string[] | undefined
  maxTokens: number | undefined
  stream: boolean
}

function readCommon(contract: Contract, json: JsonObject, fields: Fields): CommonFields {
  const highest = contract === '2.9' ? 2 : 1
  const temperature =
    fields.float(json['temperature'], ['body', 'temperature'], { min: 0, max: highest }) ?? 0
  const [name, bounds] =
    contract === '2.9' ? (['n', { min: 1 }] as const) : (['candidate_count', { min: 1, max: 5 }] as const)
  return {
    // Canonical temperatures run from 0 to 2, as 2.9's do; before, MLflow's ran from 0 to 1.
    temperature: contract === '2.9' ? temperature : temperature * 2,
    candidates: fields.integer(json[name], ['body', name], bounds) ?? 1,
    candidatesField: name,
    stop: fields.strings(json['stop'], ['body', 'stop'], { min: 1 }),
    maxTokens: fields.integer(json['max_tokens'], ['body', 'max_tokens'], {
      min: contract === 'seed' ? 0 : 1,
      optional: true,
    }),
    stream: fields.boolean(json['stream'], ['body', 'stream']),
  }
}

function readChatMessage(
  contract: Contract,
  entry: { message: JsonValue; index: number },
  fields: Fields,
): Message {
  const at = ['body', 'messages', entry.index]
  const message = fields.object(entry.message, at)
  if (!isObject(entry.message)) return { role: '', parts: [], extras: {} }
  const role = fields.string(message['role'], [...at, 'role'])
  const { content } = message
  // Since 2.9 the shape is OpenAI's, where content may be a list of parts, or null beside tool calls.
  if (contract === '2.9' && (Array.isArray(content) || (content === null && 'tool_calls' in message))) {
    return readMessage({ ...message, role })
  }
  return readMessage({ ...message, role, content: fields.string(content, [...at, 'content']) })
}

/** The checks that MLflow makes once the schema holds. */
function finish(contract: Contract, json: JsonObject, fields: Fields): void {
  fields.check()
  if ('model' in json) {
    throw new GatewayError(
      "The parameter 'model' is not permitted to be passed. The route being queried already defines a model instance.",
      { kind: 'bad_request', status: 422 },
    )
  }
  if (contract !== '2.9' && 'n' in json) {
    throw new GatewayError('Invalid parameter `n`. Use `candidate_count` instead.', {
      kind: 'bad_request',
      status: 400,
    })
  }
}

const CHAT_FIELDS: ReadonlySet<string> = new Set([
  'messages',
  'prompt',
  'temperature',
  'stop',
  'max_tokens',
  'stream',
  'stream_options',
])
const EMBEDDINGS_FIELDS: ReadonlySet<string> = new Set(['input', 'text', 'texts'])

interface ChatParts {
  json: JsonObject
  common: CommonFields
  messages: Message[]
}

function chatRequest(
  contract: Contract,
  type: AnsweredType,
  { json, common, messages }: ChatParts,
): ChatClientRequest {
  const showsUsage = asObject(json['stream_options'])['include_usage'] === true
  return {
    operation: 'chat',
    stream: common.stream,
    takesWhole: true,
    repliesAs: {},
    chat: () => toCanonical(json, common, messages),
    writer: () => createWriter(contract, type, showsUsage),
    filter: () => createStreamFilter({ showsUsage, showsDone: false }),
    writeStreamError,
    parameterName: (parameter) => parameterName(contract, parameter),
    passThrough: () => undefined,
  }
}

function toCanonical(json: JsonObject, common: CommonFields, messages: Message[]): ChatRequest {
  const { temperature, candidates, stop, maxTokens, stream, candidatesField } = common
  const extras = omit(json, CHAT_FIELDS)
  delete extras[candidatesField]
  const request: ChatRequest = {
    messages,
    stream,
    temperature,
    temperatureIsDefault: !('temperature' in json),
    candidates,
    extras,
  }
  if (stop) request.stop = stop
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  readOptions(request)
  return request
}

/**
 * Chats stream OpenAI's chunks in every contract. A 2.9 chat is OpenAI's but for the model and two defaults, so its bytes
 * can go on as they are.
 */
function ownBytes(
  contract: Contract,
  { body, json, fields }: { body: Buffer; json: JsonObject; fields: Fields },
): Partial<Pick<ChatClientRequest, 'speaks' | 'repliesAs' | 'passThrough'>> {
  if (contract !== '2.9') return { repliesAs: { stream: CHAT } }
  const answers = { speaks: CHAT, repliesAs: { whole: CHAT, stream: CHAT } }
  if (fields.coerced || body.includes(STATE_MARK)) return answers
  return {
    ...answers,
    passThrough(format, target) {
      if (format !== CHAT) return undefined
      const reasons = isReasoningModel(target.model)
      if (reasons && 'max_tokens' in json) return undefined
      const members = modelMember(target)
      if (!('temperature' in json) && !reasons) members['temperature'] = 0
      if (!('n' in json)) members['n'] = 1
      return spliceMembers(body, members)
    },
  }
}

const CHAT = 'openai-chat'
const EMBEDDINGS = 'openai-embeddings'

const MAX_QUOTED = 1000

function parseBody(body: Buffer, contentType: ContentType): JsonObject {
  if (body.length === 0) throw missingBody()
  if (contentType !== undefined && !isJson(String(contentType))) throw notAMapping()
  const text = body.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw syntaxError(text)
  }
  if (value === null) throw missingBody()
  if (Array.isArray(value) && value.length === 0) return {}
  if (!isObject(value)) throw notAMapping()
  return value
}

function syntaxError(text: string): GatewayError {
  const { msg, pos, lineno, colno } = findJsonError(text)
  return invalidRequest([
    {
      loc: ['body', pos],
      msg: `${msg}: line ${lineno} column ${colno} (char ${pos})`,
      type: 'value_error.jsondecode',
      ctx: { msg, doc: text.slice(0, MAX_QUOTED), pos, lineno, colno },
    },
  ])
}

function isJson(contentType: string): boolean {
  return /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i.test(contentType)
}
