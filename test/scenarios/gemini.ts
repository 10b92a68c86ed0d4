import type { JsonObject } from '../../src/core/json.ts'
import type { Message, Part } from '../../src/core/request.ts'
import { gemini as dialect } from '../../src/dialects/gemini/client.ts'
import { geminiEmbeddings, geminiGenerate } from '../../src/dialects/gemini/index.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import {
  CALL_SIGNATURE,
  IMAGE_URL,
  PDF,
  PDF_URL,
  PERSON,
  PNG,
  REDACTED,
  SIGNATURE,
  WAV,
} from './request-cases.ts'
import {
  chatAt,
  embeddingsAt,
  foreignSignatures,
  foreignThinking,
  mapParts,
  mapReplyParts,
  noField,
  sseText,
  type DialectScenarios,
  type ReplyFixture,
} from './support.ts'

const limit = { generationConfig: { maxOutputTokens: 1000 } }

const said = (text: string): JsonObject => ({ text })
const user = (...parts: JsonObject[]): JsonObject => ({ role: 'user', parts })
const model = (...parts: JsonObject[]): JsonObject => ({ role: 'model', parts })

function chat(contents: JsonObject[], more: JsonObject = {}): JsonObject {
  return { contents, ...limit, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user(said('Hello.'))], more)
const configured = (config: JsonObject): JsonObject =>
  hello({ generationConfig: { maxOutputTokens: 1000, ...config } })

const WEATHER: JsonObject = {
  name: 'get_weather',
  description: 'The weather in a city.',
  parametersJsonSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}
const TIME: JsonObject = {
  name: 'get_time',
  description: 'The time of day.',
  parametersJsonSchema: { type: 'object', properties: {} },
}
const tools = (...functionDeclarations: JsonObject[]): JsonObject => ({ tools: [{ functionDeclarations }] })
const choice = (functionCallingConfig: JsonObject): JsonObject => ({ toolConfig: { functionCallingConfig } })

const call = (id: string, name: string, args: JsonObject): JsonObject => ({
  functionCall: { id, name, args },
})
const weatherIn = (city: string, id = 'call_1'): JsonObject => call(id, 'get_weather', { city })
const result = (id: string, name: string, response: JsonObject): JsonObject => ({
  functionResponse: { id, name, response },
})
const sunny = result('call_1', 'get_weather', { output: 'Sunny, 24 degrees.' })

const weather = (...parts: JsonObject[]): JsonObject =>
  chat([user(said('How is the weather in Paris?')), model(...parts), user(sunny)], tools(WEATHER))

const USAGE = { promptTokenCount: 12, candidatesTokenCount: 8, totalTokenCount: 20 }
const HEAD = { modelVersion: 'a-model', createTime: '2023-11-14T22:13:20Z', responseId: 'reply-1' }

function answer(parts: JsonObject[], end: JsonObject = {}, usageMetadata: JsonObject = USAGE): JsonObject {
  const candidate = { content: { parts, role: 'model' }, finishReason: 'STOP', index: 0, ...end }
  return { candidates: [candidate], usageMetadata, ...HEAD }
}

/** Each part in an event of its own; the last one says how it ended. */
function reply(parts: JsonObject[], end: JsonObject = {}, usage: JsonObject = USAGE): ReplyFixture {
  const pieces = parts.map((part) => ({
    candidates: [{ content: { parts: [part], role: 'model' }, index: 0 }],
    usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 },
    ...HEAD,
  }))
  const stream = sseText([...pieces, answer([], end, usage)]).replaceAll('\n\n', '\r\n\r\n')
  return { whole: answer(parts, end, usage), stream }
}

const refusal = (code: number, status: string, details?: JsonObject): JsonObject => ({
  error: { code, message: 'Something is wrong with it.', status, ...(details ? { details: [details] } : {}) },
})

const piece = (text: string): JsonObject => ({
  candidates: [{ content: { parts: [said(text)], role: 'model' }, index: 0 }],
  ...HEAD,
})

function embed(text: string, more: JsonObject = {}): JsonObject {
  return { model: 'models/a-model', content: { parts: [said(text)] }, ...more }
}

const CHAT_PATH = '/v1beta/models/:route::generateContent'
const STREAM_PATH = '/v1beta/models/:route::streamGenerateContent'

/** Gemini's API: `generateContent` and its kin. */
export const gemini = {
  name: 'gemini',
  client: {
    dialect,
    chat: (body, stream) =>
      stream
        ? chatAt(dialect, STREAM_PATH, { body, search: 'alt=sse' })
        : chatAt(dialect, CHAT_PATH, { body }),
    embeddings: (body) =>
      embeddingsAt(
        dialect,
        `/v1beta/models/:route::${body['requests'] ? 'batchEmbedContents' : 'embedContent'}`,
        {
          body,
        },
      ),
    nextTurn: ({ candidates }) => {
      const [first] = candidates as { content: JsonObject }[]
      return chat([user(said('Hello.')), ...(first ? [first.content] : []), user(said('And now?'))])
    },
  },
  provider: { chat: geminiGenerate, embeddings: geminiEmbeddings },
  requests: {
    text: hello(),
    'no-limit': { contents: [user(said('Hello.'))] },
    streamed: hello(),
    conversation: chat([
      user(said('Hello, I am Ada.')),
      model(said('Hello Ada.')),
      user(said('What is my name?')),
    ]),
    system: hello({ systemInstruction: { parts: [said('Be brief.')] } }),
    developer: hello({ systemInstruction: { parts: [said('Be brief.')] } }),
    'system-late': chat([user(said('Hello.')), model(said('Hi.')), user(said('And now?'))], {
      systemInstruction: { parts: [said('Be brief.')] },
    }),
    'image-url': chat([
      user(said('What is this?'), { fileData: { fileUri: IMAGE_URL, mimeType: 'image/png' } }),
    ]),
    'image-base64': chat([user(said('What is this?'), { inlineData: { mimeType: 'image/png', data: PNG } })]),
    'image-detail': chat([
      user(said('What is this?'), { fileData: { fileUri: IMAGE_URL, mimeType: 'image/png' } }),
    ]),
    pdf: chat([user(said('Sum it up.'), { inlineData: { mimeType: 'application/pdf', data: PDF } })]),
    'pdf-url': chat([
      user(said('Sum it up.'), { fileData: { fileUri: PDF_URL, mimeType: 'application/pdf' } }),
    ]),
    'audio-in': chat([user(said('What is said?'), { inlineData: { mimeType: 'audio/wav', data: WAV } })]),
    tools: hello(tools(WEATHER, TIME)),
    'strict-tool': hello(tools(WEATHER)),
    'tool-call': weather(weatherIn('Paris')),
    'text-then-tool': weather(said('I will look.'), weatherIn('Paris')),
    'tool-without-arguments': chat(
      [
        user(said('What time is it?')),
        model(call('call_1', 'get_time', {})),
        user(result('call_1', 'get_time', { output: 'Noon.' })),
        model(said('It is noon.')),
        user(said('Thanks.')),
      ],
      tools(TIME),
    ),
    'parallel-tools': chat(
      [
        user(said('Weather and time in Paris?')),
        model(weatherIn('Paris'), call('call_2', 'get_time', {})),
        user(
          result('call_1', 'get_weather', { output: 'Sunny.' }),
          result('call_2', 'get_time', { output: 'Noon.' }),
        ),
      ],
      tools(WEATHER, TIME),
    ),
    'repeated-tools': chat(
      [
        user(said('Weather in Paris and Rome?')),
        model(weatherIn('Paris'), weatherIn('Rome', 'call_2')),
        user(
          result('call_1', 'get_weather', { output: 'Sunny.' }),
          result('call_2', 'get_weather', { output: 'Rain.' }),
        ),
      ],
      tools(WEATHER),
    ),
    'tool-result-image': chat(
      [
        user(said('How does it look?')),
        model(weatherIn('Paris')),
        user(result('call_1', 'get_weather', { output: 'A photo:' }), {
          inlineData: { mimeType: 'image/png', data: PNG },
        }),
      ],
      tools(WEATHER),
    ),
    'tool-error': chat(
      [
        user(said('How is the weather?')),
        model(weatherIn('Paris')),
        user(result('call_1', 'get_weather', { error: 'No such city.' })),
      ],
      tools(WEATHER),
    ),
    'tool-choice-auto': hello({ ...tools(WEATHER), ...choice({ mode: 'AUTO' }) }),
    'tool-choice-none': hello({ ...tools(WEATHER), ...choice({ mode: 'NONE' }) }),
    'tool-choice-required': hello({ ...tools(WEATHER), ...choice({ mode: 'ANY' }) }),
    'tool-choice-one': hello({
      ...tools(WEATHER, TIME),
      ...choice({ mode: 'ANY', allowedFunctionNames: ['get_time'] }),
    }),
    'tool-choice-some': hello({
      ...tools(WEATHER, TIME, { ...TIME, name: 'get_date' }),
      ...choice({ mode: 'ANY', allowedFunctionNames: ['get_time', 'get_date'] }),
    }),
    'one-tool-at-a-time': hello({ ...tools(WEATHER), ...choice({ mode: 'AUTO' }) }),
    structured: configured({ responseMimeType: 'application/json', responseJsonSchema: PERSON }),
    'json-mode': configured({ responseMimeType: 'application/json' }),
    sampling: configured({ temperature: 0.5, topP: 0.75, stopSequences: ['END', 'STOP'] }),
    'top-k': configured({ topK: 40 }),
    seed: configured({ seed: 7 }),
    penalties: configured({ presencePenalty: 0.5, frequencyPenalty: 0.25 }),
    candidates: configured({ candidateCount: 2 }),
    logprobs: configured({ responseLogprobs: true, logprobs: 3 }),
    'reasoning-effort': configured({ thinkingConfig: { thinkingLevel: 'MEDIUM' } }),
    'reasoning-budget': configured({ maxOutputTokens: 16_000, thinkingConfig: { thinkingBudget: 8192 } }),
    'reasoning-off': configured({ thinkingConfig: { thinkingBudget: 0 } }),
    'reasoning-adaptive': configured({ thinkingConfig: { thinkingBudget: -1 } }),
    'reasoning-with-tools': weather(
      { text: 'I need the weather.', thought: true, thoughtSignature: SIGNATURE },
      weatherIn('Paris'),
    ),
    'redacted-thinking': weather({ thought: true, thoughtSignature: REDACTED }, weatherIn('Paris')),
    'unsigned-thinking': weather({ text: 'I need the weather.', thought: true }, weatherIn('Paris')),
    'foreign-state': weather(weatherIn('Paris')),
    'signed-call': weather({ ...weatherIn('Paris'), thoughtSignature: CALL_SIGNATURE }),
    'signed-text': chat([
      user(said('Hello.')),
      model({ text: 'Hi.', thoughtSignature: SIGNATURE }),
      user(said('And now?')),
    ]),
    'cache-marks': chat([user(said('A long document.'), said('Sum it up.'))], {
      ...tools(WEATHER),
      systemInstruction: { parts: [said('A long instruction.')] },
    }),
    'refusal-in-history': chat([user(said('Hello.')), model(said('I cannot.')), user(said('Please.'))]),
  },
  replies: {
    text: reply([said('Hello there.')]),
    'non-ascii': reply([said('Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend')]),
    thinking: reply([{ text: 'Let me think.', thought: true, thoughtSignature: SIGNATURE }, said('Hello.')]),
    'unsigned-thinking': reply([{ text: 'Let me think.', thought: true }, said('Hello.')]),
    'thinking-then-tool': reply([
      { text: 'I need the weather.', thought: true, thoughtSignature: SIGNATURE },
      weatherIn('Paris'),
    ]),
    'redacted-thinking': reply([{ thought: true, thoughtSignature: REDACTED }, said('Hello.')]),
    'signed-call': reply([{ ...weatherIn('Paris'), thoughtSignature: CALL_SIGNATURE }]),
    'signed-text': reply([said('Hello.'), { text: '', thoughtSignature: SIGNATURE }]),
    'tool-call': reply([weatherIn('Paris')]),
    'tool-without-arguments': reply([call('call_1', 'get_time', {})]),
    'text-then-tool': reply([said('I will look.'), weatherIn('Paris')]),
    'parallel-tools': reply([weatherIn('Paris'), call('call_2', 'get_time', {})]),
    'repeated-tools': reply([weatherIn('Paris'), weatherIn('Rome', 'call_2')]),
    refusal: reply([said('I cannot help with that.')]),
    length: reply([said('Once upon a')], { finishReason: 'MAX_TOKENS' }),
    'stop-sequence': reply([said('One two')]),
    'content-filter': reply([said('Well,')], { finishReason: 'SAFETY' }),
    structured: reply([said('{"name":"Ada",'), said('"age":36}')]),
    citations: reply([said('Cats are small.')], {
      groundingMetadata: {
        groundingChunks: [{ web: { uri: IMAGE_URL, title: 'Cats' } }],
        groundingSupports: [
          { segment: { endIndex: 15, text: 'Cats are small.' }, groundingChunkIndices: [0] },
        ],
      },
    }),
    media: reply([said('Here:'), { inlineData: { mimeType: 'image/png', data: PNG } }]),
    logprobs: reply([said('Hi')], {
      logprobsResult: {
        chosenCandidates: [{ token: 'Hi', logProbability: -0.25 }],
        topCandidates: [{ candidates: [{ token: 'Yo', logProbability: -1.5 }] }],
      },
    }),
    'two-candidates': {
      whole: {
        candidates: [
          { content: { parts: [said('One.')], role: 'model' }, finishReason: 'STOP', index: 0 },
          { content: { parts: [said('Two.')], role: 'model' }, finishReason: 'MAX_TOKENS', index: 1 },
        ],
        usageMetadata: USAGE,
        ...HEAD,
      },
      stream: sseText([
        {
          candidates: [
            { content: { parts: [said('One')], role: 'model' }, index: 0 },
            { content: { parts: [said('Two.')], role: 'model' }, finishReason: 'MAX_TOKENS', index: 1 },
          ],
          ...HEAD,
        },
        {
          candidates: [{ content: { parts: [said('.')], role: 'model' }, finishReason: 'STOP', index: 0 }],
          usageMetadata: USAGE,
          ...HEAD,
        },
      ]),
    },
    'usage-cache': reply(
      [said('Hello.')],
      {},
      {
        promptTokenCount: 112,
        cachedContentTokenCount: 70,
        candidatesTokenCount: 8,
        totalTokenCount: 120,
      },
    ),
    'usage-cache-1h': reply(
      [said('Hello.')],
      {},
      {
        promptTokenCount: 112,
        candidatesTokenCount: 8,
        totalTokenCount: 120,
      },
    ),
    'usage-reasoning': reply(
      [said('Hello.')],
      {},
      {
        promptTokenCount: 12,
        candidatesTokenCount: 8,
        thoughtsTokenCount: 32,
        totalTokenCount: 52,
      },
    ),
    empty: reply([]),
  },
  errors: {
    'error-400': { status: 400, body: refusal(400, 'INVALID_ARGUMENT') },
    'error-401': {
      status: 400,
      body: refusal(400, 'INVALID_ARGUMENT', {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
      }),
    },
    'error-403': { status: 403, body: refusal(403, 'PERMISSION_DENIED') },
    'error-404': { status: 404, body: refusal(404, 'NOT_FOUND') },
    'error-413': { status: 413, body: refusal(413, 'INVALID_ARGUMENT') },
    'error-429': {
      status: 429,
      body: refusal(429, 'RESOURCE_EXHAUSTED', {
        '@type': 'type.googleapis.com/google.rpc.RetryInfo',
        retryDelay: '26s',
      }),
    },
    'error-500': { status: 500, body: refusal(500, 'INTERNAL') },
    'error-overloaded': { status: 503, body: refusal(503, 'UNAVAILABLE') },
  },
  ends: {
    'stream-cut': sseText([piece(TEXT_BEFORE_END)]),
    'error-in-stream': sseText([
      piece(TEXT_BEFORE_END),
      { error: { code: 503, message: STREAM_ERROR, status: 'UNAVAILABLE' } },
    ]),
  },
  embeddings: {
    'one-text': { request: embed('Hello.'), reply: { embedding: { values: [0.5, -0.25, 1] } } },
    texts: {
      request: { requests: [embed('Hello.'), embed('And now?')] },
      reply: { embeddings: [{ values: [0.5, -0.25, 1] }, { values: [0.125, 0, -2] }] },
    },
    dimensions: {
      request: { requests: [embed('Hello.', { outputDimensionality: 3 })] },
      reply: { embeddings: [{ values: [0.5, -0.25, 1] }] },
    },
  },
  requestLosses: [
    noField('logitBias', 'Gemini biases no tokens'),
    noField('endUser', 'Gemini is not told of end users'),
    {
      name: 'parallelToolCalls',
      reason: 'Gemini always may call several tools at once',
      without: ({ parallelToolCalls, ...rest }) =>
        parallelToolCalls === true ? { parallelToolCalls, ...rest } : rest,
    },
    {
      name: 'cache',
      reason: 'Gemini caches by itself, and by handles that are made beforehand',
      without: ({ cache: _cache, tools, ...rest }) => {
        const request = mapParts(rest, withoutCache)
        return tools
          ? { ...request, tools: tools.map((tool) => ('cache' in tool ? withoutCache(tool) : tool)) }
          : request
      },
    },
    {
      name: 'tools.strict',
      reason: 'functions are not declared strict',
      without: ({ tools, ...rest }) => ({
        ...rest,
        ...(tools && {
          tools: tools.map((tool) => {
            if (tool.type === 'hosted') return tool
            const { strict: _strict, ...kept } = tool
            return kept
          }),
        }),
      }),
    },
    {
      name: '',
      reason: 'a schema has no name, and is always followed strictly',
      without: ({ responseFormat, ...rest }) => {
        if (responseFormat?.type !== 'json-schema')
          return { ...rest, ...(responseFormat && { responseFormat }) }
        return { ...rest, responseFormat: { type: 'json-schema', schema: responseFormat.schema } }
      },
    },
    {
      name: 'messages.detail',
      reason: 'how closely to look is a setting of its own kind',
      without: (request) =>
        mapParts(request, (part) => {
          if (part.type !== 'image') return part
          const { detail: _detail, ...rest } = part
          return rest
        }),
    },
    {
      name: 'messages.file.name',
      reason: 'data in a request has no name',
      without: (request) =>
        mapParts(request, (part) => {
          if (part.type !== 'file') return part
          const { name: _name, ...rest } = part
          return rest
        }),
    },
    {
      name: '',
      reason: 'a refusal is a text',
      without: (request) =>
        mapParts(request, (part) => (part.type === 'refusal' ? { type: 'text', text: part.text } : part)),
    },
    {
      name: '',
      reason: 'there is one kind of instructions',
      without: ({ messages, ...rest }) => ({
        ...rest,
        messages: messages.map((message) =>
          message.role === 'developer' ? { ...message, role: 'system' } : message,
        ),
      }),
    },
    {
      name: 'messages.role',
      reason: 'instructions stand before the conversation',
      without: ({ messages, ...rest }) => ({
        ...rest,
        messages: [
          ...messages.filter(({ role }) => role === 'system'),
          ...messages.filter(({ role }) => role !== 'system'),
        ],
      }),
    },
    {
      name: 'messages.toolResult.parts',
      reason: 'results hold pictures from Gemini 3 on; other models see them after the result',
      without: ({ messages, ...rest }) => ({ ...rest, messages: messages.flatMap(withMediaAfter) }),
    },
    // On both sides: the writing of this case cannot be what a client reads it from. Unit tests read tagged state.
    {
      name: 'messages.thinking',
      reason: 'state of other models is never sent to a provider',
      without: (request) => foreignThinking('gemini').without(request),
    },
    foreignSignatures('gemini', 'messages.signature'),
  ],
  replyLosses: [
    {
      name: '',
      reason: 'a refusal is a text',
      without: (reply) =>
        mapReplyParts(reply, (part) => (part.kind === 'refusal' ? { ...part, kind: 'text' } : part)),
    },
    {
      name: '',
      reason: 'the stop sequence is not said',
      without: ({ candidates, ...rest }) => ({
        ...rest,
        candidates: candidates.map(({ end, ...candidate }) => {
          if (!end) return candidate
          const { stopSequence: _sequence, ...kept } = end
          return { ...candidate, end: kept }
        }),
      }),
    },
    {
      name: '',
      reason: 'a token has no bytes of its own',
      without: ({ candidates, ...rest }) => ({
        ...rest,
        candidates: candidates.map((candidate) => ({
          ...candidate,
          logprobs: candidate.logprobs.map(({ token, logprob, alternatives }) => ({
            token,
            logprob,
            alternatives: alternatives.map(({ bytes: _bytes, ...alternative }) => alternative),
          })),
        })),
      }),
    },
    {
      name: '',
      reason: 'sources are named but not quoted',
      without: (reply) =>
        mapReplyParts(reply, (part) => ({
          ...part,
          annotations: part.annotations.map(({ citedText: _text, ...annotation }) => annotation),
        })),
    },
    {
      name: '',
      reason: 'what is written to a cache is not counted',
      without: ({ usage, ...rest }) => {
        const { cacheWriteTokens: _short, cacheWrite1hTokens: _long, ...kept } = usage
        return { ...rest, usage: kept }
      },
    },
  ],
  unsupported: {},
} satisfies DialectScenarios

function withoutCache<Value extends object>(value: Value): Value {
  if (!('cache' in value)) return value
  const { cache: _cache, ...rest } = value
  return rest as Value
}

function withMediaAfter(message: Message): Message[] {
  const media: Part[] = []
  const parts = message.parts.map((part) => {
    if (part.type !== 'tool-result') return part
    media.push(...part.parts.filter(({ type }) => type !== 'text'))
    return { ...part, parts: part.parts.filter(({ type }) => type === 'text') }
  })
  return [{ ...message, parts }, ...(media.length > 0 ? [{ role: 'user', parts: media, extras: {} }] : [])]
}
