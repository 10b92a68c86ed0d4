import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/core/json.ts'
import { call, GOOGLE, PARIS } from './openai-requests.ts'
import { IMAGE_URL, PNG, REDACTED, SIGNATURE } from './request-cases.ts'
import { sseText, type DialectScenarios, type ReplyFixture } from './support.ts'

const HEAD: JsonObject = { id: 'reply-1', created: 1_700_000_000, model: 'a-model' }
const USAGE: JsonObject = { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 }

interface Ending {
  reason?: string
  usage?: JsonObject
  /** Further members of the choice. */
  more?: JsonObject
}

/** An answer, whole and as a stream. */
function said(message: JsonObject, { reason = 'stop', usage = USAGE, more = {} }: Ending = {}): ReplyFixture {
  return reply(
    [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: reason, ...more }],
    usage,
  )
}

function reply(choices: JsonObject[], usage: JsonObject = USAGE): ReplyFixture {
  const chunks = choices.flatMap(({ index = 0, message, finish_reason: reason = null, ...more }) => {
    const deltas = deltasOf(asObject(message))
    const last = chunk({ index, delta: {}, finish_reason: reason, ...more })
    return [...deltas.map((delta) => chunk({ index, delta, finish_reason: null })), last]
  })
  return {
    whole: { ...HEAD, object: 'chat.completion', choices, usage },
    stream: sseText([...chunks, { ...chunk(), usage }, '[DONE]']),
  }
}

export function chunk(...choices: JsonObject[]): JsonObject {
  return { ...HEAD, object: 'chat.completion.chunk', choices, usage: null }
}

/** A message in pieces: texts in two, calls with their arguments behind them. */
function deltasOf(message: JsonObject): JsonObject[] {
  const { role = 'assistant', tool_calls: calls, reasoning_details: details, ...rest } = message
  const texts = ['reasoning_content', 'content', 'refusal'].flatMap((name) =>
    pieces(rest[name]).map((piece): JsonObject => ({ [name]: piece })),
  )
  const others = Object.entries(rest).filter(([, value]) => typeof value === 'object' && value !== null)
  return [
    { role, content: '' },
    ...asArray(details).flatMap((detail) => detailPieces(asObject(detail))),
    ...texts,
    ...others.map(([name, value]): JsonObject => ({ [name]: value ?? null })),
    ...asArray(calls).flatMap((made, index) => callPieces(asObject(made), index)),
  ]
}

function pieces(text: JsonValue | undefined): string[] {
  const whole = asString(text) ?? ''
  return [whole.slice(0, 5), whole.slice(5)].filter((piece) => piece !== '')
}

function detailPieces(detail: JsonObject): JsonObject[] {
  const { text, signature, ...rest } = detail
  if (text === undefined) return [{ reasoning_details: [detail] }]
  const said = pieces(text).map((piece) => Object.assign({}, rest, { text: piece, signature: null }))
  return [...said, { ...rest, text: '', signature: signature ?? null }].map((piece) => ({
    reasoning: asString(piece['text']) ?? '',
    reasoning_details: [piece],
  }))
}

function callPieces(made: JsonObject, index: number): JsonObject[] {
  const { name = '', arguments: json } = asObject(made['function'])
  const head = { ...made, index, function: { name, arguments: '' } }
  const fragments = pieces(json).map((piece) => ({ index, function: { arguments: piece } }))
  return [head, ...fragments].map((fragment) => ({ tool_calls: [fragment] }))
}

const called = (...tool_calls: JsonObject[]): JsonObject => ({ content: null, tool_calls })
const toParis = (more: JsonObject = {}): JsonObject => ({
  ...call('call_1', 'get_weather', PARIS),
  ...more,
})
const forCalls: Ending = { reason: 'tool_calls' }

function thought(text: string): JsonObject {
  const detail = { type: 'reasoning.text', text, signature: SIGNATURE, index: 0 }
  return { reasoning_details: [detail] }
}

/** The answer of each case as OpenAI's chat completions have it, with the additions of compatible servers. */
export const replies: DialectScenarios['replies'] = {
  text: said({ content: 'Hello there.' }),
  'non-ascii': said({ content: 'Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend' }),
  thinking: said({ content: 'Hello.', ...thought('Let me think.') }),
  'unsigned-thinking': said({ content: 'Hello.', reasoning_content: 'Let me think.' }),
  'thinking-then-tool': said({ ...called(toParis()), ...thought('I need the weather.') }, forCalls),
  'redacted-thinking': said({
    content: 'Hello.',
    reasoning_details: [{ type: 'reasoning.encrypted', data: REDACTED, index: 0 }],
  }),
  'signed-call': said(called(toParis(GOOGLE)), forCalls),
  'signed-text': said({
    content: 'Hello.',
    extra_content: { google: { thought_signature: SIGNATURE } },
  }),
  'tool-call': said(called(toParis()), forCalls),
  'tool-without-arguments': said(called(call('call_1', 'get_time', '{}')), forCalls),
  'text-then-tool': said({ content: 'I will look.', tool_calls: [toParis()] }, forCalls),
  'parallel-tools': said(called(toParis(), call('call_2', 'get_time', '{}')), forCalls),
  'repeated-tools': said(called(toParis(), call('call_2', 'get_weather', '{"city":"Rome"}')), forCalls),
  refusal: said({ content: null, refusal: 'I cannot help with that.' }),
  length: said({ content: 'Once upon a' }, { reason: 'length' }),
  'stop-sequence': said({ content: 'One two' }, { more: { stop_reason: 'END' } }),
  'content-filter': said({ content: 'Well,' }, { reason: 'content_filter' }),
  structured: said({ content: '{"name":"Ada","age":36}' }),
  citations: said({
    content: 'Cats are small.',
    annotations: [
      {
        type: 'url_citation',
        url_citation: {
          url: IMAGE_URL,
          title: 'Cats',
          content: 'small animals',
          start_index: 0,
          end_index: 15,
        },
      },
    ],
  }),
  media: said({
    content: 'Here:',
    images: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }],
  }),
  logprobs: said(
    { content: 'Hi' },
    {
      more: {
        logprobs: {
          content: [
            {
              token: 'Hi',
              logprob: -0.25,
              bytes: [72, 105],
              top_logprobs: [{ token: 'Yo', logprob: -1.5, bytes: [89, 111] }],
            },
          ],
          refusal: null,
        },
      },
    },
  ),
  'two-candidates': reply([
    { index: 0, message: { role: 'assistant', content: 'One.' }, finish_reason: 'stop' },
    { index: 1, message: { role: 'assistant', content: 'Two.' }, finish_reason: 'length' },
  ]),
  'usage-cache': said(
    { content: 'Hello.' },
    {
      usage: {
        prompt_tokens: 112,
        completion_tokens: 8,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 70, cache_write_tokens: 30 },
      },
    },
  ),
  'usage-cache-1h': said(
    { content: 'Hello.' },
    {
      usage: {
        prompt_tokens: 112,
        completion_tokens: 8,
        total_tokens: 120,
        prompt_tokens_details: { cache_write_tokens: 100 },
      },
    },
  ),
  'usage-reasoning': said(
    { content: 'Hello.' },
    {
      usage: {
        prompt_tokens: 12,
        completion_tokens: 40,
        total_tokens: 52,
        completion_tokens_details: { reasoning_tokens: 32 },
      },
    },
  ),
  empty: said({ content: '' }),
}
