import type { Call } from '../../core/call.ts'
import type { ClientRequest } from '../../core/dialect.ts'
import { asObject } from '../../core/json.ts'
import { parseMember, scanMembers } from '../../wire/json-scan.ts'
import { BASE64_BYTES_PER_TOKEN, BYTES_PER_TOKEN } from '../estimate-tokens.ts'
import type { RequestParams } from '../target.ts'

/** How large a request is about to be, in tokens. */
export interface Size {
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface EstimateSetup {
  /** Of an answer for which nobody sets a maximum. */
  readonly assumedOutputTokens: number
  /** What the route does to the requests. */
  readonly params: RequestParams | undefined
}

/** The size of a request from its bytes, without reading it. The prompt's is a guess, the answer's the most it may have. */
export function estimateSize(call: Pick<Call, 'request' | 'asked' | 'caller'>, setup: EstimateSetup): Size {
  const { request, asked, caller } = call
  if (request.operation === 'count-tokens') return { inputTokens: 0, outputTokens: 0 }
  if (!asked) {
    const bytes = Number(caller.header('content-length') ?? 0)
    const inputTokens = Math.ceil((Number.isFinite(bytes) ? bytes : 0) / BASE64_BYTES_PER_TOKEN)
    return { inputTokens, outputTokens: request.operation === 'raw' ? setup.assumedOutputTokens : 0 }
  }
  const inputTokens = Math.ceil(promptTokens(asked.body))
  return { inputTokens, outputTokens: answers(request) ? outputTokens(asked.body, setup) : 0 }
}

function answers({ operation }: ClientRequest): boolean {
  return operation === 'chat' || operation === 'compaction'
}

const QUOTE = 0x22
const SPACE = 0x20
/** A text of so many bytes without a space among its first is no text but a file. */
const LONG = 4096
const LOOK = 512

function promptTokens(body: Buffer): number {
  if (body.length <= LONG) return body.length / BYTES_PER_TOKEN
  let files = 0
  let from = 0
  for (;;) {
    const start = body.indexOf(QUOTE, from)
    if (start === -1) break
    const end = body.indexOf(QUOTE, start + 1)
    if (end === -1) break
    if (end - start > LONG && isFile(body, start + 1)) {
      files += end - start
      from = end + 1
    } else from = end
  }
  return (body.length - files) / BYTES_PER_TOKEN + files / BASE64_BYTES_PER_TOKEN
}

function isFile(body: Buffer, from: number): boolean {
  return body.subarray(from, from + LOOK).indexOf(SPACE) === -1
}

/** What the dialects call the most tokens of an answer, and how many answers there are to be. */
const MOST = new Set([
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'max_tokens_to_sample',
  'max_new_tokens',
  'maxOutputTokens',
  'maxTokens',
  'num_predict',
])
const TIMES = new Set(['n', 'candidate_count', 'candidateCount', 'num_generations'])
/** Mappings in which some dialects keep them. */
const INSIDE = new Set(['generationConfig', 'generation_config', 'inferenceConfig', 'options', 'parameters'])

function outputTokens(body: Buffer, { assumedOutputTokens, params }: EstimateSetup): number {
  const found = { most: 0, times: 0 }
  for (const member of scanMembers(body) ?? []) {
    const { name } = member
    if (MOST.has(name) || TIMES.has(name)) note(found, name, parseMember(body, member))
    else if (INSIDE.has(name)) noteAll(found, parseMember(body, member))
  }
  const preset = { most: 0, times: 0 }
  noteAll(preset, params?.default)
  const forced = { most: 0, times: 0 }
  noteAll(forced, params?.override)
  const most = forced.most || found.most || preset.most || assumedOutputTokens
  return most * (forced.times || found.times || preset.times || 1)
}

interface Found {
  most: number
  times: number
}

function noteAll(found: Found, mapping: unknown): void {
  for (const [name, value] of Object.entries(asObject(mapping))) note(found, name, value)
}

/** Of several the largest: the request may mean any of them. */
function note(found: Found, name: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0) || value > LARGEST) return
  if (MOST.has(name)) found.most = Math.max(found.most, Math.ceil(value))
  else if (TIMES.has(name)) found.times = Math.max(found.times, Math.ceil(value))
}

/** No model answers with more; what asks for it is refused elsewhere. */
const LARGEST = 10_000_000
