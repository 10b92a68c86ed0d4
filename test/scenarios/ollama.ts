import type { JsonObject, JsonValue } from '../../src/core/json.ts'
import { ollamaChat, ollamaEmbeddings } from '../../src/dialects/ollama/index.ts'
import { replyLosses, requestLosses } from './ollama-losses.ts'
import { requests } from './ollama-requests.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { sameRefusals, type DialectScenarios, type ReplyFixture } from './support.ts'

const HEAD: JsonObject = { model: 'a-model', created_at: '2023-11-14T22:13:20Z' }
const COUNTS: JsonObject = { prompt_eval_count: 12, eval_count: 8 }

interface Message {
  content?: string
  thinking?: string
  tool_calls?: JsonObject[]
}

function call(id: string, name: string, value: JsonValue): JsonObject {
  return { id, function: { name, arguments: value } }
}

/** Texts come in pieces, calls whole. */
function said({ content = '', thinking, tool_calls: calls }: Message, more: JsonObject = {}): ReplyFixture {
  const { logprobs, ...end } = { done: true, done_reason: 'stop', ...COUNTS, ...more } as JsonObject
  const message: JsonObject = { role: 'assistant', content }
  if (thinking !== undefined) message['thinking'] = thinking
  if (calls) message['tool_calls'] = calls
  const odds = logprobs === undefined ? {} : { logprobs }
  const lines = [
    ...(thinking === undefined ? [] : [line({ content: '', thinking })]),
    ...pieces(content).map((piece, index) => line({ content: piece }, index === 0 ? odds : {})),
    ...(calls ? [line({ content: '', tool_calls: calls })] : []),
    { ...line({ content: '' }), ...end },
  ]
  return { whole: { ...HEAD, message, ...odds, ...end }, stream: ndjson(lines) }
}

function line(message: JsonObject, more: JsonObject = {}): JsonObject {
  return { ...HEAD, message: { role: 'assistant', ...message }, done: false, ...more }
}

function pieces(text: string): string[] {
  return [text.slice(0, 5), text.slice(5)].filter((piece) => piece !== '')
}

function ndjson(lines: readonly JsonObject[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

const weatherIn = (city: string): JsonObject => call('call_1', 'get_weather', { city })

/** Ollama's own API, which only providers speak. */
export const ollama = {
  name: 'ollama',
  provider: { chat: ollamaChat, embeddings: ollamaEmbeddings },
  requests,
  replies: {
    text: said({ content: 'Hello there.' }),
    'non-ascii': said({ content: 'Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend' }),
    thinking: said({ thinking: 'Let me think.', content: 'Hello.' }),
    'unsigned-thinking': said({ thinking: 'Let me think.', content: 'Hello.' }),
    'thinking-then-tool': said({ thinking: 'I need the weather.', tool_calls: [weatherIn('Paris')] }),
    'redacted-thinking': said({ content: 'Hello.' }),
    'signed-call': said({ tool_calls: [weatherIn('Paris')] }),
    'signed-text': said({ content: 'Hello.' }),
    'tool-call': said({ tool_calls: [weatherIn('Paris')] }),
    'tool-without-arguments': said({ tool_calls: [call('call_1', 'get_time', {})] }),
    'text-then-tool': said({ content: 'I will look.', tool_calls: [weatherIn('Paris')] }),
    'parallel-tools': said({ tool_calls: [weatherIn('Paris'), call('call_2', 'get_time', {})] }),
    'repeated-tools': said({
      tool_calls: [weatherIn('Paris'), call('call_2', 'get_weather', { city: 'Rome' })],
    }),
    refusal: said({ content: 'I cannot help with that.' }),
    length: said({ content: 'Once upon a' }, { done_reason: 'length' }),
    'stop-sequence': said({ content: 'One two' }),
    structured: said({ content: '{"name":"Ada","age":36}' }),
    logprobs: said(
      { content: 'Hi' },
      {
        logprobs: [
          {
            token: 'Hi',
            logprob: -0.25,
            bytes: [72, 105],
            top_logprobs: [{ token: 'Yo', logprob: -1.5, bytes: [89, 111] }],
          },
        ],
      },
    ),
    'usage-cache': said({ content: 'Hello.' }, { prompt_eval_count: 112 }),
    'usage-cache-1h': said({ content: 'Hello.' }, { prompt_eval_count: 112 }),
    'usage-reasoning': said({ content: 'Hello.' }, { eval_count: 40 }),
    empty: said({}),
  },
  errors: sameRefusals({ error: 'Something is wrong with it.' }),
  ends: {
    'stream-cut': ndjson([line({ content: TEXT_BEFORE_END })]),
    'error-in-stream': ndjson([line({ content: TEXT_BEFORE_END }), { error: STREAM_ERROR }]),
  },
  embeddings: {
    'one-text': {
      request: { model: 'a-model', input: 'Hello.' },
      reply: { model: 'a-model', embeddings: [[0.5, -0.25, 1]], prompt_eval_count: 4 },
    },
    texts: {
      request: { model: 'a-model', input: ['Hello.', 'And now?'] },
      reply: {
        model: 'a-model',
        embeddings: [
          [0.5, -0.25, 1],
          [0.125, 0, -2],
        ],
      },
    },
    dimensions: {
      request: { model: 'a-model', input: ['Hello.'], dimensions: 3 },
      reply: { model: 'a-model', embeddings: [[0.5, -0.25, 1]] },
    },
  },
  requestLosses,
  replyLosses,
  unsupported: {
    'image-url': 'Ollama fetches no images',
    'image-detail': 'Ollama fetches no images',
    pdf: 'Ollama reads no files',
    'pdf-url': 'Ollama reads no files',
    'audio-in': 'Ollama hears nothing',
    candidates: 'Ollama gives one answer',
    'content-filter': 'Ollama filters nothing',
    citations: 'Ollama cites nothing',
    media: 'Ollama makes texts only',
    'two-candidates': 'Ollama gives one answer',
  },
} satisfies DialectScenarios
