import { asArray, asObject, isObject, type JsonObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import { eventsOf, nothing, numberOf, textOf, type Said } from './reply.ts'

/** What an answer of `generateContent` says, whole, streamed, or streamed as one JSON array. */
export function readGemini(recording: Recording): Said {
  const said = nothing()
  for (const chunk of chunksOf(recording)) readChunk(said, chunk)
  said.finish = finishOf(said)
  return said
}

function chunksOf(recording: Recording): JsonObject[] {
  if (recording.headers['content-type']?.startsWith('text/event-stream')) return eventsOf(recording)
  const body: unknown = JSON.parse(recording.bytes.toString('utf8'))
  return Array.isArray(body) ? body.filter(isObject) : [asObject(body)]
}

function readChunk(said: Said, chunk: JsonObject): void {
  const candidate = asObject(asArray(chunk['candidates'])[0])
  for (const part of asArray(asObject(candidate['content'])['parts']).filter(isObject)) {
    if (part['thought'] === true) said.thinking += textOf(part['text'])
    else said.text += textOf(part['text'])
    if (!isObject(part['functionCall'])) continue
    readCall(said, part['functionCall'])
  }
  if (chunk['promptFeedback'] && asObject(chunk['promptFeedback'])['blockReason'] !== undefined)
    said.finish = 'SAFETY'
  if (typeof candidate['finishReason'] === 'string') said.finish = candidate['finishReason']
  readUsage(said, asObject(chunk['usageMetadata']))
}

/** A call comes whole, or its name first and then pieces of its arguments: texts of top-level members, here. */
function readCall({ calls }: Said, { name, args, partialArgs }: JsonObject): void {
  if (typeof name === 'string') calls.push({ name, arguments: { ...asObject(args) } })
  const open = asObject(calls.at(-1)?.arguments)
  for (const { jsonPath, stringValue } of asArray(partialArgs).map(asObject)) {
    const member = textOf(jsonPath).replace('$.', '')
    open[member] = textOf(open[member]) + textOf(stringValue)
  }
}

const FILTERED: ReadonlySet<string> = new Set(
  'SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY MODEL_ARMOR'.split(' '),
)

function finishOf({ finish, calls }: Said): string {
  if (FILTERED.has(finish)) return 'content_filter'
  if (finish === 'MAX_TOKENS') return 'length'
  return finish === 'STOP' ? (calls.length > 0 ? 'tool_calls' : 'stop') : finish
}

/** Counts repeat from chunk to chunk, and grow. */
function readUsage({ usage }: Said, counts: JsonObject): void {
  if (Object.keys(counts).length === 0) return
  const thoughts = numberOf(counts['thoughtsTokenCount'])
  usage.input = numberOf(counts['promptTokenCount']) + numberOf(counts['toolUsePromptTokenCount'])
  usage.output = numberOf(counts['candidatesTokenCount']) + thoughts
  usage.cacheRead = numberOf(counts['cachedContentTokenCount'])
  usage.reasoning = thoughts
}
