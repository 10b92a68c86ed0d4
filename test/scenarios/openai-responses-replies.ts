import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/core/json.ts'
import { call, thought, weatherIn } from './openai-responses-requests.ts'
import { IMAGE_URL, PNG, REDACTED, SIGNATURE } from './request-cases.ts'
import { sseText, type DialectScenarios, type ReplyFixture } from './support.ts'

const HEAD: JsonObject = { id: 'reply-1', object: 'response', created_at: 1_700_000_000, model: 'a-model' }
const USAGE: JsonObject = { input_tokens: 12, output_tokens: 8, total_tokens: 20 }

function response(status: string, output: JsonObject[], more: JsonObject = {}): JsonObject {
  return { ...HEAD, status, error: null, incomplete_details: null, output, usage: null, ...more }
}

export const started: readonly JsonObject[] = [
  { type: 'response.created', response: response('in_progress', []) },
  { type: 'response.in_progress', response: response('in_progress', []) },
]

/** A finished reply, whole and as a stream. */
function reply(output: JsonObject[], usage: JsonObject = USAGE): ReplyFixture {
  const whole = response('completed', output, { usage })
  return { whole, stream: stream(output, { type: 'response.completed', response: whole }) }
}

/** A reply that was cut short. */
function cut(output: JsonObject[], reason: string): ReplyFixture {
  const whole = response('incomplete', output, { usage: USAGE, incomplete_details: { reason } })
  return { whole, stream: stream(output, { type: 'response.incomplete', response: whole }) }
}

function stream(output: JsonObject[], end: JsonObject): string {
  const events = [...started, ...output.flatMap(itemEvents), end]
  return sseText(events.map(numbered), true)
}

function numbered(event: JsonObject, index: number): JsonObject {
  return { ...event, sequence_number: index }
}

export function itemEvents(item: JsonObject, index: number): JsonObject[] {
  const start = { ...item, status: 'in_progress', ...EMPTY[asString(item['type']) ?? ''] }
  const placed = (event: JsonObject): JsonObject => ({ ...event, output_index: index })
  return [
    { type: 'response.output_item.added', output_index: index, item: start },
    ...pieces(item).map(placed),
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

const EMPTY: Readonly<Record<string, JsonObject>> = {
  message: { content: [] },
  reasoning: { summary: [], encrypted_content: null },
  function_call: { arguments: '' },
  image_generation_call: { result: null },
}

function pieces({ type, content, summary, arguments: text }: JsonObject): JsonObject[] {
  if (type === 'message') return listOf(content).flatMap(contentEvents)
  if (type === 'reasoning') return listOf(summary).flatMap(summaryEvents)
  if (type !== 'function_call') return []
  return [
    ...halves(text).map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
    { type: 'response.function_call_arguments.done', arguments: text ?? '' },
  ]
}

function contentEvents(part: JsonObject, content_index: number): JsonObject[] {
  const { type, text, refusal, annotations, logprobs } = part
  const named = (name: string, more: JsonObject): JsonObject => ({
    type: `response.${name}`,
    content_index,
    ...more,
  })
  const word = type === 'refusal' ? 'refusal' : 'output_text'
  const [first = '', second = ''] = halves(text ?? refusal)
  const deltas = [{ delta: first, ...(logprobs !== undefined && { logprobs }) }, { delta: second }]
  const cited = listOf(annotations).map((annotation, annotation_index) =>
    named('output_text.annotation.added', { annotation, annotation_index }),
  )
  return [
    named('content_part.added', {
      part: { ...part, ...(type === 'refusal' ? { refusal: '' } : { text: '' }) },
    }),
    ...deltas.map((delta) => named(`${word}.delta`, delta)),
    ...cited,
    named(`${word}.done`, type === 'refusal' ? { refusal: refusal ?? '' } : { text: text ?? '' }),
    named('content_part.done', { part }),
  ]
}

function summaryEvents({ text }: JsonObject, summary_index: number): JsonObject[] {
  const named = (name: string, more: JsonObject): JsonObject => ({
    type: `response.reasoning_summary_${name}`,
    summary_index,
    ...more,
  })
  return [
    named('part.added', { part: { type: 'summary_text', text: '' } }),
    ...halves(text).map((delta) => named('text.delta', { delta })),
    named('text.done', { text: text ?? '' }),
    named('part.done', { part: { type: 'summary_text', text: text ?? '' } }),
  ]
}

/** Two pieces, cut between characters. */
function halves(value: JsonValue | undefined): string[] {
  const characters = Array.from(asString(value) ?? '')
  const middle = Math.ceil(characters.length / 2)
  return [characters.slice(0, middle).join(''), characters.slice(middle).join('')]
}

function listOf(value: JsonValue | undefined): JsonObject[] {
  return asArray(value).map(asObject)
}

function message(...content: JsonObject[]): JsonObject {
  return { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content }
}

function says(text: string, more: JsonObject = {}): JsonObject {
  return message({ type: 'output_text', text, annotations: [], ...more })
}

const token = (token: string, logprob: number, bytes: number[]): JsonObject => ({ token, logprob, bytes })

/** Each case's reply of a provider that speaks the Responses API. */
export const replies = {
  text: reply([says('Hello there.')]),
  'non-ascii': reply([says('Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend')]),
  thinking: reply([thought('Let me think.', SIGNATURE), says('Hello.')]),
  'unsigned-thinking': reply([thought('Let me think.'), says('Hello.')]),
  'thinking-then-tool': reply([thought('I need the weather.', SIGNATURE), weatherIn('Paris')]),
  'redacted-thinking': reply([thought('', REDACTED), says('Hello.')]),
  'signed-call': reply([weatherIn('Paris')]),
  'signed-text': reply([says('Hello.')]),
  'tool-call': reply([weatherIn('Paris')]),
  'tool-without-arguments': reply([call('call_1', 'get_time', {})]),
  'text-then-tool': reply([says('I will look.'), weatherIn('Paris')]),
  'parallel-tools': reply([weatherIn('Paris'), call('call_2', 'get_time', {})]),
  'repeated-tools': reply([weatherIn('Paris'), weatherIn('Rome', 'call_2')]),
  refusal: reply([message({ type: 'refusal', refusal: 'I cannot help with that.' })]),
  length: cut([says('Once upon a')], 'max_output_tokens'),
  'stop-sequence': reply([says('One two')]),
  'content-filter': cut([says('Well,')], 'content_filter'),
  structured: reply([says('{"name":"Ada","age":36}')]),
  citations: reply([
    says('Cats are small.', {
      annotations: [{ type: 'url_citation', url: IMAGE_URL, title: 'Cats', start_index: 0, end_index: 15 }],
    }),
  ]),
  media: reply([
    says('Here:'),
    { id: 'ig_1', type: 'image_generation_call', status: 'completed', result: PNG, output_format: 'png' },
  ]),
  logprobs: reply([
    says('Hi', {
      logprobs: [{ ...token('Hi', -0.25, [72, 105]), top_logprobs: [token('Yo', -1.5, [89, 111])] }],
    }),
  ]),
  'usage-cache': reply([says('Hello.')], {
    input_tokens: 112,
    output_tokens: 8,
    total_tokens: 120,
    input_tokens_details: { cached_tokens: 70, cache_write_tokens: 30 },
  }),
  'usage-cache-1h': reply([says('Hello.')], {
    input_tokens: 112,
    output_tokens: 8,
    total_tokens: 120,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 100 },
  }),
  'usage-reasoning': reply([says('Hello.')], {
    input_tokens: 12,
    output_tokens: 40,
    total_tokens: 52,
    output_tokens_details: { reasoning_tokens: 32 },
  }),
  empty: reply([]),
} satisfies DialectScenarios['replies']
