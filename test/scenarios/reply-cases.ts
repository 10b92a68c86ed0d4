import type { ErrorKind } from '../../src/core/error.ts'
import type { CandidateEnd, FinishReason, PartHead, ReplyEvent, TokenLogprob } from '../../src/core/events.ts'
import type { Annotation } from '../../src/core/request.ts'
import type { ModelState } from '../../src/core/state.ts'
import type { Usage } from '../../src/core/usage.ts'
import { CALL_SIGNATURE, IMAGE_URL, PNG, REDACTED, SIGNATURE } from './request-cases.ts'

/** One part of a reply's twin. */
type TwinPart = PartHead & { text?: string; annotations?: Annotation[]; endState?: ModelState }

interface Answer {
  parts: TwinPart[]
  end: FinishReason | CandidateEnd
  logprobs?: TokenLogprob[]
}

const USAGE: Usage = { inputTokens: 12, outputTokens: 8, totalTokens: 20 }

/** The events of a reply. */
function reply(answers: Answer | Answer[], usage: Usage = USAGE): ReplyEvent[] {
  const candidates = Array.isArray(answers) ? answers : [answers]
  return [
    { type: 'reply-start', id: 'reply-1', model: 'a-model', createdAt: 1_700_000_000 },
    ...candidates.flatMap(candidateEvents),
    { type: 'usage', usage },
    { type: 'reply-end' },
  ]
}

function candidateEvents({ parts, end, logprobs }: Answer, candidate: number): ReplyEvent[] {
  const events: ReplyEvent[] = parts.flatMap((twin, part) => partEvents(twin, { candidate, part }))
  if (logprobs) events.push({ type: 'logprobs', candidate, tokens: logprobs })
  const head = typeof end === 'string' ? { reason: end } : end
  return [...events, { type: 'candidate-end', candidate, ...head }]
}

function partEvents(twin: TwinPart, at: { candidate: number; part: number }): ReplyEvent[] {
  const { text, annotations = [], endState, ...head } = twin
  return [
    { type: 'part-start', ...at, ...head },
    ...(text === undefined ? [] : [{ type: 'part-delta' as const, ...at, text }]),
    ...annotations.map((annotation) => annotationEvent(annotation, at)),
    { type: 'part-end', ...at, ...(endState && { state: endState }) },
  ]
}

function annotationEvent(
  annotation: Annotation,
  { candidate, part }: { candidate: number; part: number },
): ReplyEvent {
  return { type: 'annotation', candidate, part, annotation }
}

const text = (text: string, more: { annotations?: Annotation[]; endState?: ModelState } = {}): TwinPart => ({
  kind: 'text',
  text,
  ...more,
})
const thinking = (text: string, dialect: string): TwinPart => ({
  kind: 'thinking',
  text,
  endState: { dialect, data: SIGNATURE },
})

function call(id: string, name: string, json: string): Extract<TwinPart, { kind: 'tool-call' }> {
  return { kind: 'tool-call', id, name, text: json }
}

const PARIS = JSON.stringify({ city: 'Paris' })
const said = (words: string, usage?: Usage): ReplyEvent[] =>
  reply({ parts: [text(words)], end: 'stop' }, usage)

/**
 * The canonical reply of each case, whole or streamed. As with requests, a model's own state is that of `dialect`, and
 * signatures on calls and texts are Gemini's.
 */
export const REPLIES = {
  text: () => said('Hello there.'),
  'non-ascii': () => said('Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend'),
  thinking: (dialect) => reply({ parts: [thinking('Let me think.', dialect), text('Hello.')], end: 'stop' }),
  'unsigned-thinking': () =>
    reply({ parts: [{ kind: 'thinking', text: 'Let me think.' }, text('Hello.')], end: 'stop' }),
  'thinking-then-tool': (dialect) =>
    reply({
      parts: [thinking('I need the weather.', dialect), call('call_1', 'get_weather', PARIS)],
      end: 'tool_calls',
    }),
  'redacted-thinking': (dialect) =>
    reply({
      parts: [{ kind: 'redacted-thinking', state: { dialect, data: REDACTED } }, text('Hello.')],
      end: 'stop',
    }),
  'signed-call': () =>
    reply({
      parts: [
        { ...call('call_1', 'get_weather', PARIS), state: { dialect: 'gemini', data: CALL_SIGNATURE } },
      ],
      end: 'tool_calls',
    }),
  'signed-text': () =>
    reply({ parts: [text('Hello.', { endState: { dialect: 'gemini', data: SIGNATURE } })], end: 'stop' }),
  'tool-call': () => reply({ parts: [call('call_1', 'get_weather', PARIS)], end: 'tool_calls' }),
  'tool-without-arguments': () => reply({ parts: [call('call_1', 'get_time', '{}')], end: 'tool_calls' }),
  'text-then-tool': () =>
    reply({ parts: [text('I will look.'), call('call_1', 'get_weather', PARIS)], end: 'tool_calls' }),
  'parallel-tools': () =>
    reply({
      parts: [call('call_1', 'get_weather', PARIS), call('call_2', 'get_time', '{}')],
      end: 'tool_calls',
    }),
  'repeated-tools': () =>
    reply({
      parts: [
        call('call_1', 'get_weather', PARIS),
        call('call_2', 'get_weather', JSON.stringify({ city: 'Rome' })),
      ],
      end: 'tool_calls',
    }),
  refusal: () => reply({ parts: [{ kind: 'refusal', text: 'I cannot help with that.' }], end: 'stop' }),
  length: () => reply({ parts: [text('Once upon a')], end: 'length' }),
  'stop-sequence': () => reply({ parts: [text('One two')], end: { reason: 'stop', stopSequence: 'END' } }),
  'content-filter': () => reply({ parts: [text('Well,')], end: 'content_filter' }),
  structured: () => said(JSON.stringify({ name: 'Ada', age: 36 })),
  citations: () =>
    reply({
      parts: [
        text('Cats are small.', {
          annotations: [{ url: IMAGE_URL, title: 'Cats', citedText: 'small animals', start: 0, end: 15 }],
        }),
      ],
      end: 'stop',
    }),
  media: () =>
    reply({ parts: [text('Here:'), { kind: 'media', mediaType: 'image/png', data: PNG }], end: 'stop' }),
  logprobs: () =>
    reply({
      parts: [text('Hi')],
      end: 'stop',
      logprobs: [
        {
          token: 'Hi',
          logprob: -0.25,
          bytes: [72, 105],
          alternatives: [{ token: 'Yo', logprob: -1.5, bytes: [89, 111] }],
        },
      ],
    }),
  'two-candidates': () =>
    reply([
      { parts: [text('One.')], end: 'stop' },
      { parts: [text('Two.')], end: 'length' },
    ]),
  'usage-cache': () =>
    said('Hello.', {
      inputTokens: 112,
      outputTokens: 8,
      totalTokens: 120,
      cacheReadTokens: 70,
      cacheWriteTokens: 30,
    }),
  'usage-cache-1h': () =>
    said('Hello.', { inputTokens: 112, outputTokens: 8, totalTokens: 120, cacheWrite1hTokens: 100 }),
  'usage-reasoning': () =>
    said('Hello.', { inputTokens: 12, outputTokens: 40, totalTokens: 52, reasoningTokens: 32 }),
  empty: () => reply({ parts: [], end: 'stop' }),
} satisfies Record<string, (dialect: string) => ReplyEvent[]>

export type ReplyCase = keyof typeof REPLIES

/** What a provider's refusal says, however it says it. */
export interface ErrorTwin {
  status: number
  kind: ErrorKind
  message: string
  retryAfter?: string
}

const MESSAGE = 'Something is wrong with it.'

/** The canonical meaning of each refusal. */
export const ERRORS = {
  'error-400': { status: 400, kind: 'bad_request', message: MESSAGE },
  'error-401': { status: 401, kind: 'auth', message: MESSAGE },
  'error-403': { status: 403, kind: 'auth', message: MESSAGE },
  'error-404': { status: 404, kind: 'not_found', message: MESSAGE },
  'error-413': { status: 413, kind: 'too_large', message: MESSAGE },
  'error-429': { status: 429, kind: 'rate_limit', message: MESSAGE },
  'error-500': { status: 500, kind: 'server_error', message: MESSAGE },
  'error-overloaded': { status: 503, kind: 'overloaded', message: MESSAGE },
} satisfies Record<string, ErrorTwin>

/** A 404 without telling words says in OpenAI's dialect that the model is missing, in others that something is. */
export function kindOnTheWire({ kind }: { kind: ErrorKind }): ErrorKind {
  return kind === 'model_not_found' ? 'not_found' : kind
}

export type ErrorCase = keyof typeof ERRORS

/** How a stream may end badly: without its terminal marker, and with an error that says `STREAM_ERROR`. */
export type EndCase = 'stream-cut' | 'error-in-stream'

export const STREAM_ERROR = 'The model broke.'

/** The texts of a stream that ends badly. */
export const TEXT_BEFORE_END = 'Hello there'

/** Embeddings: the texts that are asked for and the vectors that come back, all exact in float32. */
export const EMBEDDINGS = {
  'one-text': { request: { input: 'Hello.' }, vectors: [[0.5, -0.25, 1]] },
  texts: {
    request: { input: ['Hello.', 'And now?'] },
    vectors: [
      [0.5, -0.25, 1],
      [0.125, 0, -2],
    ],
  },
  dimensions: { request: { input: ['Hello.'], dimensions: 3 }, vectors: [[0.5, -0.25, 1]] },
} as const

export type EmbeddingsCase = keyof typeof EMBEDDINGS

/** Names of all cases, in order. */
export const REPLY_CASES: readonly ReplyCase[] = namesOf(REPLIES)
export const ERROR_CASES: readonly ErrorCase[] = namesOf(ERRORS)
export const EMBEDDINGS_CASES: readonly EmbeddingsCase[] = namesOf(EMBEDDINGS)

function namesOf<Name extends string>(cases: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(cases).filter((name): name is Name => name in cases)
}
