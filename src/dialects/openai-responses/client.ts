import type {
  ChatClientRequest,
  ClientRequest,
  CountClientRequest,
  Dialect,
  Endpoint,
} from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import { asArray, asObject, asString } from '../../core/json.ts'
import { invalidRequest, OpenBody } from '../../wire/open-body.ts'
import { writeError } from '../openai/errors.ts'
import { readModel } from '../openai/read-chat.ts'
import { PARAMETERS, readRequest } from './read-request.ts'
import { ResponsesReplyWriter } from './write-reply.ts'

/**
 * OpenAI's Responses API towards applications, on the same base URL as its chat completions. Answers are not kept:
 * there is no `GET /v1/responses/{id}`.
 * Spec: https://platform.openai.com/docs/api-reference/responses
 */
export const openAiResponsesApi: Dialect = {
  name: 'openai-responses',
  endpoints: [endpoint('/v1/responses', readResponse), endpoint('/v1/responses/input_tokens', readCount)],
  lookups: [],
  writeError,
}

function endpoint(path: string, readBody: (body: Buffer) => ClientRequest): Endpoint {
  return {
    method: 'POST',
    path,
    address: { routeOf: readModel, unknownRoute },
    read(body, { route }): ClientRequest {
      if (route.type === 'llm/v1/chat') return readBody(body)
      throw invalidRequest(
        `The route '${route.name}' is of type ${route.type}, but ${path} serves llm/v1/chat.`,
        'model',
      )
    },
  }
}

function unknownRoute(name: string): GatewayError {
  return new GatewayError(`The model '${name}' does not exist: no route of this gateway has that name.`, {
    kind: 'not_found',
    status: 404,
    detail: { param: 'model' },
  })
}

function readResponse(body: Buffer): ChatClientRequest {
  const open = OpenBody.of(body)
  let writer: ResponsesReplyWriter | undefined
  const newWriter = (): ResponsesReplyWriter => {
    const request = open.parse()
    writer = new ResponsesReplyWriter({ request, customTools: customNames(request['tools']) })
    return writer
  }
  return {
    operation: 'chat',
    speaks: 'openai-responses',
    stream: open.member('stream') === true,
    repliesAs: { whole: 'openai-responses', stream: 'openai-responses' },
    chat: () => readRequest(open.parse()),
    passThrough: (format, target) =>
      format === 'openai-responses' && !open.holdsForeignState ? open.withModel(target) : undefined,
    parameterName,
    writer: newWriter,
    // A stream that was translated goes on where it stopped.
    writeStreamError: (error) => (writer ?? newWriter()).fail(error),
  }
}

function readCount(body: Buffer): CountClientRequest {
  const open = OpenBody.of(body)
  return {
    operation: 'count-tokens',
    speaks: 'openai-input-tokens',
    chat: () => readRequest(open.parse()),
    passThrough: (format, target) =>
      format === 'openai-input-tokens' && !open.holdsForeignState ? open.withModel(target) : undefined,
    parameterName,
    write: (inputTokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: inputTokens }),
  }
}

function parameterName(parameter: string): string {
  return PARAMETERS[parameter] ?? parameter
}

function customNames(tools: unknown): ReadonlySet<string> {
  const names = asArray(tools)
    .map(asObject)
    .map(({ type, name }) => (type === 'custom' ? asString(name) : undefined))
  return new Set(names.filter((name) => name !== undefined))
}
