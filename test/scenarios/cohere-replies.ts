import type { JsonObject, JsonValue } from '../../src/core/json.ts'
import { IMAGE_URL } from './request-cases.ts'
import { sseText, type DialectScenarios, type ReplyFixture } from './support.ts'

interface Message {
  content?: JsonObject[]
  tool_calls?: JsonObject[]
  citations?: JsonObject[]
}

export const text = (text: string): JsonObject => ({ type: 'text', text })
const thinking = (thinking: string): JsonObject => ({ type: 'thinking', thinking })

function call(id: string, name: string, json = '{}'): JsonObject {
  return { id, type: 'function', function: { name, arguments: json } }
}

const PARIS = '{"city":"Paris"}'
const USAGE: JsonObject = {
  billed_units: { input_tokens: 12, output_tokens: 8 },
  tokens: { input_tokens: 12, output_tokens: 8 },
}

function said(message: Message, more: JsonObject = {}): ReplyFixture {
  const end: JsonObject = {
    finish_reason: message.tool_calls ? 'TOOL_CALL' : 'COMPLETE',
    usage: USAGE,
    ...more,
  }
  return {
    whole: { id: 'reply-1', message: { role: 'assistant', ...message }, ...end },
    stream: sseText([...streamEvents(message, end), '[DONE]'], true),
  }
}

/** A message as its events. */
export function streamEvents(
  { content = [], tool_calls: calls = [], citations = [] }: Message,
  { logprobs, ...end }: JsonObject,
): JsonObject[] {
  return [
    event('message-start', { id: 'reply-1', delta: { message: { role: 'assistant', content: [] } } }),
    ...content.flatMap((block, index) => contentEvents(block, index, logprobs)),
    ...citations.flatMap((citation, index) => [
      event('citation-start', { index, delta: { message: { citations: citation } } }),
      event('citation-end', { index }),
    ]),
    ...calls.flatMap(callEvents),
    event('message-end', { delta: end }),
  ]
}

function contentEvents(block: JsonObject, index: number, logprobs: JsonValue | undefined): JsonObject[] {
  const { type = 'text', ...said } = block
  const empty = type === 'thinking' ? { thinking: '' } : { text: '' }
  const odds = Array.isArray(logprobs) ? { logprobs: logprobs[0] ?? null } : {}
  return [
    event('content-start', { index, delta: { message: { content: { type, ...empty } } } }),
    event('content-delta', { index, delta: { message: { content: said } }, ...odds }),
    event('content-end', { index }),
  ]
}

/** Arguments come in pieces. */
function callEvents(call: JsonObject, index: number): JsonObject[] {
  const { name, arguments: json } = call['function'] as { name: string; arguments: string }
  const pieces = [json.slice(0, 5), json.slice(5)].filter((piece) => piece !== '')
  const head = { ...call, function: { name, arguments: '' } }
  return [
    event('tool-call-start', { index, delta: { message: { tool_calls: head } } }),
    ...pieces.map((piece) =>
      event('tool-call-delta', {
        index,
        delta: { message: { tool_calls: { function: { arguments: piece } } } },
      }),
    ),
    event('tool-call-end', { index }),
  ]
}

function event(type: string, more: JsonObject): JsonObject {
  return { type, ...more }
}

const hello: Message = { content: [text('Hello.')] }
const thoughtful: Message = { content: [thinking('Let me think.'), text('Hello.')] }
const oneCall: Message = { tool_calls: [call('call_1', 'get_weather', PARIS)] }

export const replies = {
  text: said({ content: [text('Hello there.')] }),
  'non-ascii': said({ content: [text('Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend')] }),
  thinking: said(thoughtful),
  'unsigned-thinking': said(thoughtful),
  'thinking-then-tool': said({ content: [thinking('I need the weather.')], ...oneCall }),
  'redacted-thinking': said(hello),
  'signed-call': said(oneCall),
  'signed-text': said(hello),
  'tool-call': said(oneCall),
  'tool-without-arguments': said({ tool_calls: [call('call_1', 'get_time', 'null')] }),
  'text-then-tool': said({ content: [text('I will look.')], ...oneCall }),
  'parallel-tools': said({
    tool_calls: [call('call_1', 'get_weather', PARIS), call('call_2', 'get_time')],
  }),
  'repeated-tools': said({
    tool_calls: [call('call_1', 'get_weather', PARIS), call('call_2', 'get_weather', '{"city":"Rome"}')],
  }),
  refusal: said({ content: [text('I cannot help with that.')] }),
  length: said({ content: [text('Once upon a')] }, { finish_reason: 'MAX_TOKENS' }),
  'stop-sequence': said({ content: [text('One two')] }, { finish_reason: 'STOP_SEQUENCE' }),
  'content-filter': said({ content: [text('Well,')] }, { finish_reason: 'ERROR_TOXIC' }),
  structured: said({ content: [text('{"name":"Ada","age":36}')] }),
  citations: said({
    content: [text('Cats are small.')],
    citations: [
      {
        start: 0,
        end: 15,
        text: 'Cats are small.',
        sources: [
          {
            type: 'document',
            id: IMAGE_URL,
            document: { url: IMAGE_URL, title: 'Cats', snippet: 'small animals' },
          },
        ],
        content_index: 0,
        type: 'TEXT_CONTENT',
      },
    ],
  }),
  logprobs: said(
    { content: [text('Hi')] },
    { logprobs: [{ text: 'Hi', token_ids: [17], logprobs: [-0.25] }] },
  ),
  'usage-cache': said(hello, {
    usage: { tokens: { input_tokens: 112, output_tokens: 8 }, cached_tokens: 70 },
  }),
  'usage-cache-1h': said(hello, { usage: { tokens: { input_tokens: 112, output_tokens: 8 } } }),
  'usage-reasoning': said(hello, {
    usage: { tokens: { input_tokens: 12, output_tokens: 40, reasoning_tokens: 32 } },
  }),
  empty: said({}),
} satisfies DialectScenarios['replies']
