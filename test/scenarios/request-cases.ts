import type { ChatRequest, Message, Part, Tool } from '../../src/core/request.ts'
import type { ModelState } from '../../src/core/state.ts'

/** What every twin has beside its messages, unless its case is about that. */
const BASE = { stream: false, maxTokens: 1000, extras: {} }

export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII='
export const PDF = 'JVBERi0xLjQKJSBhIHNob3J0IGRvY3VtZW50CiUlRU9GCg=='
export const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA='
export const IMAGE_URL = 'https://example.com/cat.png'
export const PDF_URL = 'https://example.com/report.pdf'

export const WEATHER: Tool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather in a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}
export const TIME: Tool = {
  type: 'function',
  name: 'get_time',
  description: 'The time of day.',
  parameters: { type: 'object', properties: {} },
}

/** What the model's own signatures say. */
export const SIGNATURE = 'c2lnbmF0dXJlLW9mLXRoaW5raW5n'
export const REDACTED = 'cmVkYWN0ZWQtdGhpbmtpbmc='
export const CALL_SIGNATURE = 'c2lnbmF0dXJlLW9mLWNhbGw='

/** The object that a structured answer must be. */
export const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
}

const text = (text: string): Part => ({ type: 'text', text })
const message = (role: string, ...parts: Part[]): Message => ({ role, parts, extras: {} })
const user = (words: string, ...parts: Part[]): Message => message('user', text(words), ...parts)
const assistant = (...parts: Part[]): Message => message('assistant', ...parts)

function call(id: string, name: string, json: string): Part {
  return { type: 'tool-call', id, name, arguments: json }
}

function result(callId: string, ...parts: Part[]): Message {
  return message('tool', { type: 'tool-result', callId, parts })
}

function chat(messages: Message[], options: Partial<ChatRequest> = {}): ChatRequest {
  return { ...BASE, ...options, messages }
}

const hello = (options: Partial<ChatRequest> = {}): ChatRequest => chat([user('Hello.')], options)

const weatherOf = (city: string): string => JSON.stringify({ city })

/** A question, a call (with what stands before it) and its result. */
function weather(before: Part[], options: { state?: ModelState } & Partial<ChatRequest> = {}): ChatRequest {
  const { state, ...more } = options
  return chat(
    [
      user('How is the weather in Paris?'),
      assistant(...before, { ...call('call_1', 'get_weather', weatherOf('Paris')), ...(state && { state }) }),
      result('call_1', text('Sunny, 24 degrees.')),
    ],
    { tools: [WEATHER], ...more },
  )
}

/**
 * The canonical request of each case. Where a case is about a model's own state, it is the state of `dialect`, the one
 * under test; `foreign-state` is another's, and signatures on calls and texts are always Gemini's.
 */
export const REQUESTS = {
  text: () => hello(),
  'no-limit': () => ({ messages: [user('Hello.')], stream: false, extras: {} }),
  streamed: () => hello({ stream: true }),
  conversation: () =>
    chat([user('Hello, I am Ada.'), assistant(text('Hello Ada.')), user('What is my name?')]),
  system: () => chat([message('system', text('Be brief.')), user('Hello.')]),
  developer: () => chat([message('developer', text('Be brief.')), user('Hello.')]),
  'system-late': () =>
    chat([user('Hello.'), assistant(text('Hi.')), message('system', text('Be brief.')), user('And now?')]),
  'image-url': () =>
    chat([user('What is this?', { type: 'image', source: { kind: 'url', url: IMAGE_URL } })]),
  'image-base64': () =>
    chat([
      user('What is this?', {
        type: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: PNG },
      }),
    ]),
  'image-detail': () =>
    chat([user('What is this?', { type: 'image', source: { kind: 'url', url: IMAGE_URL }, detail: 'low' })]),
  pdf: () =>
    chat([
      user('Sum it up.', {
        type: 'file',
        source: { kind: 'base64', mediaType: 'application/pdf', data: PDF },
        name: 'report.pdf',
      }),
    ]),
  'pdf-url': () =>
    chat([
      user('Sum it up.', {
        type: 'file',
        source: { kind: 'url', url: PDF_URL, mediaType: 'application/pdf' },
      }),
    ]),
  'audio-in': () =>
    chat([
      user('What is said?', {
        type: 'audio',
        source: { kind: 'base64', mediaType: 'audio/wav', data: WAV },
      }),
    ]),
  tools: () => hello({ tools: [WEATHER, TIME] }),
  'strict-tool': () => hello({ tools: [{ ...WEATHER, strict: true }] }),
  'tool-call': () => weather([]),
  'text-then-tool': () => weather([text('I will look.')]),
  'tool-without-arguments': () =>
    chat(
      [
        user('What time is it?'),
        assistant(call('call_1', 'get_time', '{}')),
        result('call_1', text('Noon.')),
        assistant(text('It is noon.')),
        user('Thanks.'),
      ],
      { tools: [TIME] },
    ),
  'parallel-tools': () =>
    chat(
      [
        user('Weather and time in Paris?'),
        assistant(call('call_1', 'get_weather', weatherOf('Paris')), call('call_2', 'get_time', '{}')),
        result('call_1', text('Sunny.')),
        result('call_2', text('Noon.')),
      ],
      { tools: [WEATHER, TIME] },
    ),
  'repeated-tools': () =>
    chat(
      [
        user('Weather in Paris and Rome?'),
        assistant(
          call('call_1', 'get_weather', weatherOf('Paris')),
          call('call_2', 'get_weather', weatherOf('Rome')),
        ),
        result('call_1', text('Sunny.')),
        result('call_2', text('Rain.')),
      ],
      { tools: [WEATHER] },
    ),
  'tool-result-image': () =>
    chat(
      [
        user('How does it look?'),
        assistant(call('call_1', 'get_weather', weatherOf('Paris'))),
        result('call_1', text('A photo:'), {
          type: 'image',
          source: { kind: 'base64', mediaType: 'image/png', data: PNG },
        }),
      ],
      { tools: [WEATHER] },
    ),
  'tool-error': () =>
    chat(
      [
        user('How is the weather?'),
        assistant(call('call_1', 'get_weather', weatherOf('Paris'))),
        message('tool', {
          type: 'tool-result',
          callId: 'call_1',
          parts: [text('No such city.')],
          isError: true,
        }),
      ],
      { tools: [WEATHER] },
    ),
  'tool-choice-auto': () => hello({ tools: [WEATHER], toolChoice: { type: 'auto' } }),
  'tool-choice-none': () => hello({ tools: [WEATHER], toolChoice: { type: 'none' } }),
  'tool-choice-required': () => hello({ tools: [WEATHER], toolChoice: { type: 'required' } }),
  'tool-choice-one': () => hello({ tools: [WEATHER, TIME], toolChoice: { type: 'tool', name: 'get_time' } }),
  'tool-choice-some': () =>
    hello({
      tools: [WEATHER, TIME, { ...TIME, name: 'get_date' }],
      toolChoice: { type: 'required', names: ['get_time', 'get_date'] },
    }),
  'one-tool-at-a-time': () =>
    hello({ tools: [WEATHER], toolChoice: { type: 'auto' }, parallelToolCalls: false }),
  structured: () =>
    hello({ responseFormat: { type: 'json-schema', name: 'person', schema: PERSON, strict: true } }),
  'json-mode': () => hello({ responseFormat: { type: 'json' } }),
  sampling: () => hello({ temperature: 0.5, topP: 0.75, stop: ['END', 'STOP'] }),
  'top-k': () => hello({ topK: 40 }),
  seed: () => hello({ seed: 7 }),
  penalties: () => hello({ presencePenalty: 0.5, frequencyPenalty: 0.25 }),
  candidates: () => hello({ candidates: 2 }),
  logprobs: () => hello({ logprobs: { alternatives: 3 } }),
  'logit-bias': () => hello({ logitBias: { '50256': -100 } }),
  'reasoning-effort': () => hello({ reasoning: { effort: 'medium' } }),
  'reasoning-budget': () => hello({ maxTokens: 16_000, reasoning: { budgetTokens: 8192 } }),
  'reasoning-off': () => hello({ reasoning: { effort: 'none' } }),
  'reasoning-adaptive': () => hello({ reasoning: { isAdaptive: true } }),
  'reasoning-with-tools': (dialect) =>
    weather([{ type: 'thinking', text: 'I need the weather.', state: { dialect, data: SIGNATURE } }]),
  'redacted-thinking': (dialect) =>
    weather([{ type: 'redacted-thinking', state: { dialect, data: REDACTED } }]),
  'unsigned-thinking': () => weather([{ type: 'thinking', text: 'I need the weather.' }]),
  'foreign-state': (dialect) =>
    weather([
      {
        type: 'thinking',
        text: 'I need the weather.',
        state: { dialect: dialect === 'anthropic' ? 'openai-responses' : 'anthropic', data: SIGNATURE },
      },
    ]),
  'signed-call': () => weather([], { state: { dialect: 'gemini', data: CALL_SIGNATURE } }),
  'signed-text': () =>
    chat([
      user('Hello.'),
      assistant({ type: 'text', text: 'Hi.', state: { dialect: 'gemini', data: SIGNATURE } }),
      user('And now?'),
    ]),
  'cache-marks': () =>
    chat(
      [
        message('system', { type: 'text', text: 'A long instruction.', cache: { ttl: '1h' } }),
        message('user', { type: 'text', text: 'A long document.', cache: { ttl: '5m' } }, text('Sum it up.')),
      ],
      { tools: [{ ...WEATHER, cache: { ttl: '1h' } }] },
    ),
  'cache-request': () => hello({ cache: {} }),
  'end-user': () => hello({ endUser: 'user-17' }),
  'refusal-in-history': () =>
    chat([user('Hello.'), assistant({ type: 'refusal', text: 'I cannot.' }), user('Please.')]),
} satisfies Record<string, (dialect: string) => ChatRequest>

export type RequestCase = keyof typeof REQUESTS

/** The names of all cases of requests, in order. */
export const REQUEST_CASES: readonly RequestCase[] = Object.keys(REQUESTS).filter(
  (name): name is RequestCase => name in REQUESTS,
)
