import type { JsonObject } from '../../src/core/json.ts'
import { call, said, weatherIn } from './gemini-requests.ts'
import { CALL_SIGNATURE, IMAGE_URL, PNG, REDACTED, SIGNATURE } from './request-cases.ts'
import { sseText, type DialectScenarios, type ReplyFixture } from './support.ts'

const USAGE = { promptTokenCount: 12, candidatesTokenCount: 8, totalTokenCount: 20 }
export const HEAD = { modelVersion: 'a-model', createTime: '2023-11-14T22:13:20Z', responseId: 'reply-1' }

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

/** Each case's reply of a Gemini provider. */
export const replies = {
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
      groundingSupports: [{ segment: { endIndex: 15, text: 'Cats are small.' }, groundingChunkIndices: [0] }],
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
} satisfies DialectScenarios['replies']
