import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { ChatRequest } from '../../core/request.ts'
import { stringifyRaw } from '../../wire/raw-json.ts'
import { asCount, badResponse, fieldsOf, parseOne } from './fields.ts'
import { readChatRequest } from './read-request.ts'
import { writeChatBody } from './write-request.ts'

/** The body of a `countTokens`: a chat in full as its `generateContentRequest`, or only its contents. */
export function readCountRequest(json: JsonObject): ChatRequest {
  const { generateContentRequest } = fieldsOf(json)
  return readChatRequest(isObject(generateContentRequest) ? generateContentRequest : json, false)
}

/** The same body for another model, which the chat in it names. */
export function countForModel(json: JsonObject, { model }: TargetModel): string {
  const renamed = Object.entries(json).map(([name, value]) =>
    isObject(value) && 'model' in value && model !== null
      ? [name, { ...value, model: `models/${model}` }]
      : [name, value],
  )
  return JSON.stringify(Object.fromEntries(renamed))
}

/**
 * The Gemini API counts more than contents only in a whole request, which names its model.
 * Spec: https://ai.google.dev/api/tokens
 */
export function writeCount(request: ChatRequest, target: TargetModel): WrittenRequest {
  const { body, dropped } = writeChatBody(request, target)
  const { contents = [], ...rest } = body
  const isPlain = Object.keys(rest).every((name) => name === 'generationConfig')
  const counted = isPlain
    ? { contents }
    : { generateContentRequest: { model: `models/${target.model}`, ...body } }
  return { body: stringifyRaw(counted), dropped: [...dropped] }
}

/**
 * Vertex AI takes instructions and tools beside the contents.
 * Spec: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/count-tokens
 */
export function writeVertexCount(request: ChatRequest, target: TargetModel): WrittenRequest {
  const { body, dropped } = writeChatBody(request, target)
  const { contents = [], systemInstruction, tools } = body
  const counted = {
    contents,
    ...(systemInstruction === undefined ? {} : { systemInstruction }),
    ...(tools === undefined ? {} : { tools }),
  }
  return { body: stringifyRaw(counted), dropped: [...dropped] }
}

export function readCount(body: string): number {
  const count = asCount(parseOne(body)['totalTokens'])
  if (count === undefined) throw badResponse('has no number named "totalTokens"')
  return count
}
