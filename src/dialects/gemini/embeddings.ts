import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import { asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import type { Usage } from '../../core/usage.ts'
import { scanMembers } from '../../wire/json-scan.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { badResponse, fieldsOf, listOf, parseOne } from './fields.ts'
import { readUsage } from './usage.ts'

/** Google's words for what vectors are for, and Cohere's. */
const PURPOSES: ReadonlyMap<string, string> = new Map([
  ['RETRIEVAL_QUERY', 'search_query'],
  ['RETRIEVAL_DOCUMENT', 'search_document'],
  ['CLASSIFICATION', 'classification'],
  ['CLUSTERING', 'clustering'],
])

const FIELDS: ReadonlySet<string> = new Set(['model', 'content', 'outputDimensionality', 'taskType'])

/** The body of an `embedContent`. Throws a 400 for contents that are more than text, which only Gemini embeds. */
export function readEmbedRequest(json: JsonObject): EmbeddingsRequest {
  const fields = fieldsOf(json)
  const request: EmbeddingsRequest = {
    input: readText(fields['content']),
    extras: {},
    extrasDialect: 'gemini',
  }
  const dimensions = asNumber(fields['outputDimensionality'])
  const taskType = asString(fields['taskType'])
  const purpose = PURPOSES.get(taskType ?? '')
  if (dimensions !== undefined) request.dimensions = dimensions
  if (purpose !== undefined) request.purpose = purpose
  else if (taskType !== undefined) request.extras['taskType'] = taskType
  for (const [name, value] of Object.entries(fields)) if (!FIELDS.has(name)) request.extras[name] = value
  return request
}

/** The body of a `batchEmbedContents`: its requests must be alike but for their texts. */
export function readBatchRequest(json: JsonObject): EmbeddingsRequest {
  const requests = listOf(fieldsOf(json)['requests']).map((request) => readEmbedRequest(asObject(request)))
  const [first] = requests
  if (!first) throw invalidRequest("'requests' must be a list with at least one request.", 'requests')
  if (requests.some((request) => settingsOf(request) !== settingsOf(first))) {
    throw invalidRequest("The 'requests' of one call must not differ but in their content.", 'requests')
  }
  return { ...first, input: requests.flatMap(({ input }) => input) }
}

function settingsOf({ input: _input, ...settings }: EmbeddingsRequest): string {
  return JSON.stringify(settings)
}

function readText(content: unknown): string {
  const parts = listOf(fieldsOf(content)['parts']).map(fieldsOf)
  const texts = parts.map(({ text }) => asString(text)).filter((text) => text !== undefined)
  if (texts.length > 0 && texts.length === parts.length) return texts.join('\n')
  throw invalidRequest(
    "'content' must hold texts only: the provider of this route embeds nothing else.",
    'content',
  )
}

/**
 * A canonical embeddings request: a single text as the body of an `embedContent`, a list as that of a
 * `batchEmbedContents`; `isBatch` tells them apart again.
 * Spec: https://ai.google.dev/api/embeddings
 */
export function writeEmbeddings(request: EmbeddingsRequest, { model }: TargetModel): WrittenRequest {
  const { input, dimensions } = request
  const { taskType, extras, dropped } = writePurpose(request)
  const settings: JsonObject = {
    ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
    ...(taskType === undefined ? {} : { taskType }),
    ...extras,
  }
  const write = (text: string): JsonObject => ({ content: { parts: [{ text }] }, ...settings })
  // In a batch each request names the model once more.
  const head: JsonObject = model === null ? {} : { model: `models/${model}` }
  const body =
    typeof input === 'string'
      ? write(input)
      : { requests: input.map((text) => Object.assign(write(text), head)) }
  return { body: JSON.stringify(body), dropped }
}

/** What vectors are for, the extras of Gemini's own dialect, and names of what it does not know. */
export function writePurpose({ purpose, extras, extrasDialect }: EmbeddingsRequest): {
  taskType: string | undefined
  extras: JsonObject
  dropped: string[]
} {
  const isOwn = extrasDialect === 'gemini'
  const taskType = [...PURPOSES].find(([, word]) => word === purpose)?.[0]
  const dropped = isOwn ? [] : Object.keys(extras)
  if (purpose !== undefined && taskType === undefined) dropped.push('purpose')
  return { taskType, extras: isOwn ? extras : {}, dropped }
}

/** Whether a body is one of `batchEmbedContents`. */
export function isBatch(body: Buffer | string): boolean {
  const members = scanMembers(typeof body === 'string' ? Buffer.from(body) : body) ?? []
  return members.some(({ name }) => name === 'requests')
}

/** The same body for another model, which each of its requests may name. */
export function embedForModel(json: JsonObject, { model }: TargetModel): string {
  const rename = (request: JsonObject): JsonObject =>
    'model' in request && model !== null ? { ...request, model: `models/${model}` } : request
  const { requests } = json
  return JSON.stringify(
    rename(
      Array.isArray(requests)
        ? { ...json, requests: requests.map((entry) => rename(asObject(entry))) }
        : json,
    ),
  )
}

export function readEmbeddings(body: string): EmbeddingsReply {
  const reply = parseOne(body)
  const entries = isObject(reply['embedding']) ? [reply['embedding']] : reply['embeddings']
  if (!Array.isArray(entries)) throw badResponse('has neither "embedding" nor "embeddings"')
  return { vectors: entries.map(readVector), usage: readUsage(reply['usageMetadata']) ?? {} }
}

export function readVector(entry: unknown): number[] {
  const { values } = asObject(entry)
  if (!Array.isArray(values)) throw badResponse('has an embedding without "values"')
  // Copying millions of numbers to prove what the provider promises would cost more than the call itself.
  return values as number[]
}

/** Only the usage, where a newer model says it. */
export function readEmbeddingsUsage(body: Buffer): Usage | undefined {
  const metadata = findLastObject(body, 'usageMetadata')
  return isObject(metadata) ? readUsage(metadata) : undefined
}

/** A canonical reply: of one vector for `embedContent`, of all for `batchEmbedContents`. */
export function writeEmbeddingsReply({ vectors, usage }: EmbeddingsReply, isBatch: boolean): string {
  const entries = vectors.map((vector) => ({ values: typeof vector === 'string' ? decode(vector) : vector }))
  const [first = { values: [] }] = entries
  const { inputTokens } = usage
  return JSON.stringify({
    ...(isBatch ? { embeddings: entries } : { embedding: first }),
    ...(inputTokens === undefined ? {} : { usageMetadata: { promptTokenCount: inputTokens } }),
  })
}

/** Base64 of little-endian float32. */
function decode(vector: string): number[] {
  const bytes = Buffer.from(vector, 'base64')
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4))
}
