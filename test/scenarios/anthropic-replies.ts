import type { JsonObject } from '../../src/core/json.ts'
import { call, said, weatherIn } from './anthropic-requests.ts'
import { IMAGE_URL, REDACTED, SIGNATURE } from './request-cases.ts'
import { sseText, type DialectScenarios, type ReplyFixture } from './support.ts'

const USAGE = { input_tokens: 12, output_tokens: 8 }
const HEAD = { id: 'reply-1', type: 'message', role: 'assistant', model: 'a-model' }

interface Ending {
  stop_reason: string
  stop_sequence?: string
  stop_details?: JsonObject
}

const END_TURN: Ending = { stop_reason: 'end_turn' }

/** An answer, whole and as the stream that says the same. */
function reply(content: JsonObject[], end: Ending = END_TURN, usage: JsonObject = USAGE): ReplyFixture {
  return {
    whole: { ...HEAD, content, stop_sequence: null, ...end, usage },
    stream: sseText(
      [
        ...start(usage),
        ...content.flatMap(streamed),
        { type: 'message_delta', delta: { stop_sequence: null, ...end }, usage },
        { type: 'message_stop' },
      ],
      true,
    ),
  }
}

/** The first events of a stream. */
export function start(usage: JsonObject = USAGE): JsonObject[] {
  const message = { ...HEAD, content: [], stop_reason: null, stop_sequence: null }
  return [
    { type: 'message_start', message: { ...message, usage: { ...usage, output_tokens: 1 } } },
    { type: 'ping' },
  ]
}

function streamed(block: JsonObject, index: number): JsonObject[] {
  const { first, deltas } = piecesOf(block)
  return [
    { type: 'content_block_start', index, content_block: first },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

/** Texts come in two pieces. */
function piecesOf(block: JsonObject): { first: JsonObject; deltas: JsonObject[] } {
  const { type, text, thinking, signature, input, citations, ...rest } = block
  const first = { type: type ?? '', ...rest }
  if (type === 'tool_use') {
    return {
      first: { ...first, input: {} },
      deltas: ['', JSON.stringify(input)].map((json) => ({ type: 'input_json_delta', partial_json: json })),
    }
  }
  if (type === 'thinking') {
    const signed = signature === '' ? [] : [{ type: 'signature_delta', signature: signature ?? '' }]
    return {
      first: { ...first, thinking: '', signature: '' },
      deltas: [...halves(thinking).map((half) => ({ type: 'thinking_delta', thinking: half })), ...signed],
    }
  }
  if (type !== 'text') return { first: block, deltas: [] }
  return {
    first: { ...first, text: '' },
    deltas: [
      ...halves(text).map((half) => ({ type: 'text_delta', text: half })),
      ...(Array.isArray(citations) ? citations : []).map((citation) => ({
        type: 'citations_delta',
        citation,
      })),
    ],
  }
}

function halves(text: unknown): string[] {
  const characters = Array.from(typeof text === 'string' ? text : '')
  const middle = Math.ceil(characters.length / 2)
  return [characters.slice(0, middle).join(''), characters.slice(middle).join('')]
}

const thinking = (text: string, signature: string): JsonObject => ({
  type: 'thinking',
  thinking: text,
  signature,
})
const usage = (more: JsonObject): [Ending, JsonObject] => [END_TURN, { ...USAGE, ...more }]

/** Each case's reply of a provider of Anthropic's. */
export const replies = {
  text: reply([said('Hello there.')]),
  'non-ascii': reply([said('Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend')]),
  thinking: reply([thinking('Let me think.', SIGNATURE), said('Hello.')]),
  'unsigned-thinking': reply([thinking('Let me think.', ''), said('Hello.')]),
  'thinking-then-tool': reply([thinking('I need the weather.', SIGNATURE), weatherIn('Paris')], {
    stop_reason: 'tool_use',
  }),
  'redacted-thinking': reply([{ type: 'redacted_thinking', data: REDACTED }, said('Hello.')]),
  'signed-call': reply([weatherIn('Paris')], { stop_reason: 'tool_use' }),
  'signed-text': reply([said('Hello.')]),
  'tool-call': reply([weatherIn('Paris')], { stop_reason: 'tool_use' }),
  'tool-without-arguments': reply([call('call_1', 'get_time', {})], { stop_reason: 'tool_use' }),
  'text-then-tool': reply([said('I will look.'), weatherIn('Paris')], { stop_reason: 'tool_use' }),
  'parallel-tools': reply([weatherIn('Paris'), call('call_2', 'get_time', {})], { stop_reason: 'tool_use' }),
  'repeated-tools': reply([weatherIn('Paris'), weatherIn('Rome', 'call_2')], { stop_reason: 'tool_use' }),
  refusal: reply([], {
    stop_reason: 'refusal',
    stop_details: { type: 'refusal', category: null, explanation: 'I cannot help with that.' },
  }),
  length: reply([said('Once upon a')], { stop_reason: 'max_tokens' }),
  'stop-sequence': reply([said('One two')], { stop_reason: 'stop_sequence', stop_sequence: 'END' }),
  'content-filter': reply([said('Well,')], { stop_reason: 'refusal' }),
  structured: reply([said('{"name":"Ada","age":36}')]),
  citations: reply([
    said('Cats are small.', {
      citations: [
        {
          type: 'web_search_result_location',
          url: IMAGE_URL,
          title: 'Cats',
          cited_text: 'small animals',
          encrypted_index: 'aW5kZXg=',
        },
      ],
    }),
  ]),
  media: reply([said('Here:')]),
  logprobs: reply([said('Hi')]),
  'two-candidates': reply([said('One.')]),
  'usage-cache': reply(
    [said('Hello.')],
    ...usage({ cache_read_input_tokens: 70, cache_creation_input_tokens: 30 }),
  ),
  'usage-cache-1h': reply(
    [said('Hello.')],
    ...usage({
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 100 },
    }),
  ),
  'usage-reasoning': reply(
    [said('Hello.')],
    ...usage({ output_tokens: 40, output_tokens_details: { thinking_tokens: 32 } }),
  ),
  empty: reply([]),
} satisfies DialectScenarios['replies']
