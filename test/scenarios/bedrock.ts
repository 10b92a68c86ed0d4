import type { JsonObject } from '../../src/core/json.ts'
import { bedrockConverse, bedrockTitanEmbeddings } from '../../src/dialects/bedrock/index.ts'
import { replyLosses, requestLosses } from './bedrock-losses.ts'
import { beginning, message, replies } from './bedrock-replies.ts'
import { requests, said } from './bedrock-requests.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { sameRefusals, type DialectScenarios } from './support.ts'

const vector = (...embedding: number[]): JsonObject => ({ embedding, inputTextTokenCount: 2 })

/** Amazon Bedrock's Converse API, which only providers speak here. */
export const bedrock = {
  name: 'bedrock',
  provider: { chat: bedrockConverse, embeddings: bedrockTitanEmbeddings },
  requests,
  replies,
  errors: sameRefusals({ message: 'Something is wrong with it.' }),
  ends: {
    'stream-cut': beginning([said(TEXT_BEFORE_END)]),
    'error-in-stream': Buffer.concat([
      beginning([said(TEXT_BEFORE_END)]),
      message('modelStreamErrorException', { message: STREAM_ERROR }, 'exception'),
    ]),
  },
  embeddings: {
    'one-text': { request: { inputText: 'Hello.' }, reply: vector(0.5, -0.25, 1) },
    texts: {
      request: { inputText: ['Hello.', 'And now?'] },
      reply: { embeddings: [vector(0.5, -0.25, 1), vector(0.125, 0, -2)] },
    },
    dimensions: {
      request: { inputText: ['Hello.'], dimensions: 3 },
      reply: { embeddings: [vector(0.5, -0.25, 1)] },
    },
  },
  requestLosses,
  replyLosses,
  unsupported: {
    'image-url': 'Bedrock fetches nothing from the web',
    'image-detail': 'Bedrock fetches nothing from the web',
    'pdf-url': 'Bedrock fetches nothing from the web',
    candidates: 'Bedrock gives one answer',
    'two-candidates': 'Bedrock gives one answer',
  },
} satisfies DialectScenarios
