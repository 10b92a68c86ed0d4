import type {
  ChatClientRequest,
  CountClientRequest,
  Dialect,
  Endpoint,
  EndpointContext,
  RequestHead,
  TargetModel,
} from '../../core/dialect.ts'
import { writeFrame } from '../../wire/sse.ts'
import { invalidRequest, OpenBody } from '../../wire/open-body.ts'
import { writeCountReply } from './count-tokens.ts'
import { writeError, writeErrorObject } from './errors.ts'
import { lookups, unknownRoute } from './lookups.ts'
import { readRequest } from './read-request.ts'
import { AnthropicReplyWriter } from './write-reply.ts'

/**
 * Anthropic's API towards applications: point an SDK's base URL at the gateway, or at its `/anthropic`, and name a route as
 * the model.
 * Spec: https://docs.anthropic.com/en/api/messages
 */
export const anthropic: Dialect = {
  name: 'anthropic',
  endpoints: ['', '/anthropic'].flatMap((prefix) => [
    endpoint(`${prefix}/v1/messages`, readMessages),
    endpoint(`${prefix}/v1/messages/count_tokens`, readCountTokens),
  ]),
  lookups,
  writeError,
}

/** A chat. Its bytes are read only when they must be translated; until then only where its members stand is known. */
export function readMessages(body: Buffer, { head }: Pick<EndpointContext, 'head'>): ChatClientRequest {
  const open = OpenBody.of(body)
  open.require('messages')
  return {
    operation: 'chat',
    stream: open.member('stream') === true,
    ...ownBytes(open, 'anthropic-messages'),
    repliesAs: { whole: 'anthropic-messages', stream: 'anthropic-messages' },
    headers: dialectHeaders(head),
    chat: () => readRequest(open.parse()),
    writer: () => new AnthropicReplyWriter(),
    writeStreamError: (error) => writeFrame(JSON.stringify(writeErrorObject(error)), 'error'),
    parameterName,
  }
}

/** A question for the size of a chat's prompt. */
export function readCountTokens(body: Buffer, { head }: Pick<EndpointContext, 'head'>): CountClientRequest {
  const open = OpenBody.of(body)
  open.require('messages')
  return {
    operation: 'count-tokens',
    ...ownBytes(open, 'anthropic-count-tokens'),
    headers: dialectHeaders(head),
    chat: () => readRequest(open.parse()),
    write: writeCountReply,
    parameterName,
  }
}

function ownBytes(open: OpenBody, speaks: string): Pick<ChatClientRequest, 'speaks' | 'passThrough'> {
  return {
    speaks,
    passThrough: (format: string, target: TargetModel) =>
      format === speaks && !open.holdsForeignState ? open.withModel(target) : undefined,
  }
}

const DIALECT_HEADERS = ['anthropic-version', 'anthropic-beta']

function dialectHeaders({ headers }: RequestHead): Record<string, string> {
  const own: Record<string, string> = {}
  for (const name of DIALECT_HEADERS) {
    const value = headers[name]
    if (value !== undefined) own[name] = String(value)
  }
  return own
}

function parameterName(parameter: string): string {
  return PARAMETERS[parameter] ?? parameter
}

const PARAMETERS: Readonly<Record<string, string>> = {
  maxTokens: 'max_tokens',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop_sequences',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
  responseFormat: 'output_config.format',
  reasoning: 'thinking',
  'reasoning.effort': 'output_config.effort',
  'reasoning.budgetTokens': 'thinking.budget_tokens',
  endUser: 'metadata.user_id',
  cache: 'cache_control',
}

function endpoint(path: string, read: Endpoint['read']): Endpoint {
  return {
    method: 'POST',
    path,
    address: { routeOf, unknownRoute },
    read(body, context): ReturnType<Endpoint['read']> {
      const { name, type } = context.route
      if (type === 'llm/v1/chat') return read(body, context)
      throw invalidRequest(`The route '${name}' is of type ${type}, but ${path} serves llm/v1/chat.`, 'model')
    },
  }
}

function routeOf(body: Buffer): string {
  const open = OpenBody.of(body)
  open.require('model')
  const model = open.member('model')
  if (typeof model === 'string' && model !== '') return model
  throw invalidRequest("'model' must be the name of a route of this gateway.", 'model')
}
