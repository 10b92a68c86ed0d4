import type { JsonObject } from '../../core/json.ts'
import { writeUrl } from '../../core/media.ts'
import type { ChatRequest, EmbeddingsRequest, FilePart, Message, Part } from '../../core/request.ts'
import { toolCallId } from './tool-call-id.ts'

export interface Adapted<Request> {
  kept: Request
  dropped: string[]
}

/** A chat in which only what Mistral knows is left, by its own names. */
export function adaptChat(request: ChatRequest): Adapted<ChatRequest> {
  const dropped: string[] = []
  const kept: ChatRequest = {
    ...request,
    messages: adaptMessages(request.messages, dropped),
    extras: knownExtras(request, dropped),
    extrasDialect: 'openai',
  }
  for (const field of LACKING) {
    if (kept[field] !== undefined) dropped.push(field)
    delete kept[field]
  }
  if (kept.seed !== undefined) kept.extras['random_seed'] = kept.seed
  delete kept.seed
  // Its own word for it; the extras go first, and OpenAI's is not written.
  if (kept.toolChoice?.type === 'required') {
    if (kept.toolChoice.names) dropped.push('toolChoice.names')
    kept.extras['tool_choice'] = 'any'
    delete kept.toolChoice
  }
  return { kept, dropped: [...new Set(dropped)] }
}

/** Its word for `dimensions` is another, and it knows no other options. */
export function adaptEmbeddings(request: EmbeddingsRequest): Adapted<EmbeddingsRequest> {
  const dropped: string[] = []
  const kept: EmbeddingsRequest = {
    input: request.input,
    extras: knownExtras(request, dropped),
    extrasDialect: 'openai',
  }
  if (request.dimensions !== undefined) kept.extras['output_dimension'] = request.dimensions
  if (request.purpose !== undefined) dropped.push('purpose')
  return { kept, dropped }
}

const LACKING = [
  'topK',
  'logitBias',
  'logprobs',
  'endUser',
  'cache',
] as const satisfies readonly (keyof ChatRequest)[]

/** Further members of a request that Mistral takes. It refuses every other. */
const EXTRAS: ReadonlySet<string> = new Set([
  'guardrails',
  'metadata',
  'output_dimension',
  'output_dtype',
  'prediction',
  'prompt_cache_key',
  'prompt_mode',
  'random_seed',
  'safe_prompt',
])

function knownExtras(request: Pick<ChatRequest, 'extras' | 'extrasDialect'>, dropped: string[]): JsonObject {
  const { extras, extrasDialect = 'openai' } = request
  const isOwn = extrasDialect === 'openai' || extrasDialect === 'mlflow'
  const known: JsonObject = {}
  for (const [name, value] of Object.entries(extras)) {
    if (isOwn && EXTRAS.has(name)) known[name] = value
    else dropped.push(name)
  }
  return known
}

function adaptMessages(messages: readonly Message[], dropped: string[]): Message[] {
  const adapted = messages.map((message) => adaptMessage(message, dropped))
  const last = adapted.at(-1)
  // An answer that was begun is refused unless it says that it is to be gone on with.
  if (last?.role === 'assistant') last.extras['prefix'] = true
  return adapted
}

function adaptMessage({ role, parts, extras }: Message, dropped: string[]): Message {
  const kept: JsonObject = {}
  for (const name in extras) {
    const value = extras[name]
    if (name === 'prefix' && value !== undefined) kept[name] = value
    else dropped.push(`messages.${name}`)
  }
  return {
    role: role === 'developer' ? 'system' : role,
    parts: parts.flatMap((part) => adaptPart(part, dropped)),
    extras: kept,
  }
}

function adaptPart(part: Part, dropped: string[]): Part[] {
  switch (part.type) {
    case 'tool-call':
      return [{ ...part, id: toolCallId(part.id) }]
    case 'tool-result':
      return [
        {
          ...part,
          callId: toolCallId(part.callId),
          parts: part.parts.flatMap((inner) => adaptPart(inner, dropped)),
        },
      ]
    case 'file':
      return adaptFile(part, dropped)
    case 'refusal':
      return [{ type: 'text', text: part.text }]
    case 'thinking':
    case 'redacted-thinking':
      // Its own has no signature to be told by, and nobody else's is of use.
      dropped.push('messages.thinking')
      return []
    default:
      return [part]
  }
}

/** Documents are given by URL, which may hold their data. */
function adaptFile({ source, name }: FilePart, dropped: string[]): Part[] {
  if (source.kind === 'text') return [{ type: 'text', text: source.text }]
  const url = writeUrl(source)
  if (url === undefined) {
    dropped.push('messages.file')
    return []
  }
  const title: JsonObject = name === undefined ? {} : { document_name: name }
  return [{ type: 'opaque', value: { type: 'document_url', document_url: url, ...title } }]
}
