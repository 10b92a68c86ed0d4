import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, ResponseFormat } from '../../core/request.ts'
import { stringifyRaw, type RawJsonObject } from '../../wire/raw-json.ts'
import { writeFormat } from '../anthropic/write-format.ts'
import { refuse } from '../single-prompt.ts'
import { CachePoints } from './cache-points.ts'
import { traitsOf } from './models.ts'
import { writeConversation, type Block, type WriteContext } from './write-messages.ts'
import { writeInference } from './write-model-fields.ts'
import { writeTools } from './write-tools.ts'

/** Canonical fields that Converse has nothing for. */
const UNKNOWN_FIELDS = [
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'logprobs',
  'endUser',
] as const

/** Converse's own fields that no dialect has a word for: a client of any may add them. */
const OWN_EXTRAS: ReadonlySet<string> = new Set([
  'additionalModelRequestFields',
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'performanceConfig',
  'promptVariables',
  'requestMetadata',
  'serviceTier',
])

/** What belongs to the gateway: an extra of the same name is dropped. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'outputConfig',
  'stream',
  'model',
])

/**
 * A canonical chat as the body of `Converse` and `ConverseStream`. Throws a `GatewayError` with status 422 for what Bedrock
 * has no way to serve: several candidates, files on the web, arguments of a tool call that are not a JSON object.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export function writeConverse(request: ChatRequest, { model }: TargetModel): WrittenRequest {
  if (request.candidates !== undefined && request.candidates !== 1) {
    throw refuse(
      `Amazon Bedrock gives one answer; '{parameter}' must be 1, not ${request.candidates}.`,
      'candidates',
    )
  }
  const traits = traitsOf(model)
  const dropped = new Set<string>(UNKNOWN_FIELDS.filter((field) => request[field] !== undefined))
  const context = { traits, dropped, cachePoints: new CachePoints(request, traits, dropped) }
  const { system, turns } = writeConversation(request, context)
  const tools = writeTools(request, turns, context)
  const { config, fields } = writeInference(request, turns, context)
  const { outputConfig, instruction } = writeOutput(request.responseFormat, context)
  if (instruction) system.push(instruction)
  const body: RawJsonObject = {
    ...(system.length > 0 ? { system } : {}),
    messages: turns.map(({ role, content }) => ({ role, content })),
    ...(Object.keys(config).length > 0 ? { inferenceConfig: config } : {}),
    ...(tools ? { toolConfig: tools } : {}),
    ...(outputConfig ? { outputConfig } : {}),
  }
  addExtras(body, { ...request, fields }, dropped)
  return { body: stringifyRaw(body), dropped: [...dropped] }
}

/** Source: https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
function writeOutput(
  asked: ResponseFormat | undefined,
  { traits, dropped }: WriteContext,
): { outputConfig?: JsonObject; instruction?: Block } {
  const { format, instruction } = writeFormat(asked, traits.claude, dropped)
  if (instruction !== undefined) return { instruction: { text: instruction } }
  if (!format || asked?.type !== 'json-schema') return {}
  const { name, description } = asked
  const jsonSchema = {
    schema: JSON.stringify(format['schema']),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  }
  return { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } }
}

interface WithFields extends Pick<ChatRequest, 'extras' | 'extrasDialect'> {
  fields: JsonObject
}

/** Converse's own fields go to their place; further ones that belong to no dialect are the model's. */
function addExtras(
  body: RawJsonObject,
  { extras, extrasDialect, fields }: WithFields,
  dropped: Set<string>,
): void {
  const isFree = extrasDialect === undefined || extrasDialect === 'mlflow' || extrasDialect === 'bedrock'
  const additional: JsonObject = {}
  for (const [name, value] of Object.entries(extras)) {
    const tier = name === 'service_tier' ? readTier(value) : undefined
    if (OWN_EXTRAS.has(name)) body[name] = value
    else if (tier) body['serviceTier'] = { type: tier }
    else if (isFree && !OWN_FIELDS.has(name)) additional[name] = value
    else dropped.add(name)
  }
  const given = extras['additionalModelRequestFields']
  const all = { ...additional, ...(isObject(given) ? given : {}), ...merged(fields, asObject(given)) }
  if (Object.keys(all).length > 0) body['additionalModelRequestFields'] = all
}

/** Nova's own inference parameters may come from both sides. */
function merged(fields: JsonObject, given: JsonObject): JsonObject {
  const { inferenceConfig } = fields
  if (!isObject(inferenceConfig) || !isObject(given['inferenceConfig'])) return fields
  return { ...fields, inferenceConfig: { ...given['inferenceConfig'], ...inferenceConfig } }
}

/** The tiers that Bedrock calls as OpenAI does. */
function readTier(value: unknown): string | undefined {
  const tier = asString(value)
  return tier === 'default' || tier === 'flex' || tier === 'priority' ? tier : undefined
}
