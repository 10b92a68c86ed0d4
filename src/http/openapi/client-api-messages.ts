import type { JsonObject, JsonValue } from '../../core/json.ts'
import { answer } from './messages.ts'
import { reference } from './reference.ts'

/** Bodies that the providers describe, as far as the gateway reads them itself. */
export const CLIENT_API_SCHEMAS: JsonObject = {
  BodyWithModel: {
    type: 'object',
    required: ['model'],
    properties: { model: { type: 'string', minLength: 1, description: 'The name of a configured route.' } },
  },
  AnthropicError: shape({
    type: { type: 'string', enum: ['error'] },
    error: shape({ type: { type: 'string' }, message: { type: 'string' } }),
  }),
  GeminiError: shape({
    error: shape({ code: { type: 'integer' }, message: { type: 'string' }, status: { type: 'string' } }),
  }),
  CohereError: shape({ message: { type: 'string' } }),
  RawError: shape({
    error: shape({
      message: { type: 'string' },
      type: { type: 'string' },
      code: { type: ['string', 'null'] },
    }),
  }),
}

export const CLIENT_API_BODIES: JsonObject = {
  BodyWithModel: jsonBody(reference('schemas', 'BodyWithModel')),
  FreeBody: jsonBody({ type: 'object' }),
  Form: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: { $ref: '#/components/schemas/BodyWithModel', description: 'Put `model` before the file.' },
      },
    },
  },
}

/** What they answer. */
export function clientApiResponses(): JsonObject {
  const message = "The model 'chatt' does not exist: no route of this gateway has that name."
  return {
    ClientReply: answer({
      'application/json': { schema: { type: ['object', 'array'] } },
      'text/event-stream': { schema: { type: 'string' } },
    }),
    ForwardedReply: answer({ '*/*': {} }),
    OpenAiRefusal: refusal('V1Error', {
      error: { message, type: 'invalid_request_error', param: 'model', code: 'model_not_found' },
    }),
    AnthropicRefusal: refusal('AnthropicError', {
      type: 'error',
      error: { type: 'not_found_error', message },
    }),
    GeminiRefusal: refusal('GeminiError', { error: { code: 404, message, status: 'NOT_FOUND' } }),
    CohereRefusal: refusal('CohereError', { message }),
    RawRefusal: refusal('RawError', {
      error: { message: 'The provider could not be reached.', type: 'connect', code: null },
    }),
  }
}

function shape(properties: JsonObject): JsonObject {
  return { type: 'object', required: Object.keys(properties), properties }
}

function jsonBody(schema: JsonObject): JsonObject {
  return { required: true, content: { 'application/json': { schema } } }
}

function refusal(schema: string, example: JsonValue): JsonObject {
  return {
    description: "A failure in the shape that this API's SDKs read.",
    content: { 'application/json': { schema: reference('schemas', schema), example } },
  }
}
