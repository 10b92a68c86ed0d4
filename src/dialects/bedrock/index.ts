import type { ChatFormat, EmbeddingsFormat, RerankFormat } from '../../core/dialect.ts'
import { awsEventStream } from '../../wire/aws-event-stream.ts'
import { spliceMembers } from '../../wire/json-splice.ts'
import { cohereEmbeddings, cohereRerank } from '../cohere/index.ts'
import { readError } from './errors.ts'
import { BedrockReplyReader } from './read-reply.ts'
import { readTitanEmbeddings, readTitanUsage, writeTitanEmbeddings } from './titan-embeddings.ts'
import { writeConverse } from './write-request.ts'

/** `POST /model/{id}/converse` and `/converse-stream`, for every model that chats. */
export const bedrockConverse: ChatFormat = {
  operation: 'chat',
  name: 'bedrock-converse',
  answerMark: '"stopReason"',
  framing: awsEventStream,
  write: writeConverse,
  reader: (target) => new BedrockReplyReader(target),
  readError,
}

export { bedrockAnthropic, writeAnthropicException } from './invoke-anthropic.ts'

/** `invoke` of Titan's embedding models. */
export const bedrockTitanEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'bedrock-titan-embeddings',
  answerMark: '"embedding',
  write: writeTitanEmbeddings,
  read: readTitanEmbeddings,
  usage: readTitanUsage,
  readError,
}

/** `invoke` of Cohere's embedding models; they give no base64. */
export const bedrockCohereEmbeddings: EmbeddingsFormat = {
  ...cohereEmbeddings,
  name: 'bedrock-cohere-embeddings',
  write: ({ encoding: _encoding, ...request }) => cohereEmbeddings.write(request, { model: null }),
  readError,
}

/** `invoke` of reranking models. Cohere's want to know the version of the API. */
export const bedrockRerank: RerankFormat = {
  ...cohereRerank,
  name: 'bedrock-rerank',
  write(request, { model }) {
    const { body, dropped } = cohereRerank.write(request, { model: null })
    const version = model?.includes('cohere.') ? { api_version: 2 } : {}
    return { body: spliceMembers(body, version).toString(), dropped }
  },
  readError,
}
