import type { ChatFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { sse } from '../../wire/sse.ts'
import { readPlainError } from '../plain-error.ts'
import { readEmbeddings, servingReader } from './read-reply.ts'
import { writeChat, writeEmbeddings } from './write-request.ts'

/**
 * `POST /invocations` of a model that MLflow serves: it answers whole, and says nothing of tokens.
 * Spec: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#local-inference-server-spec
 */
export const mlflowServingChat: ChatFormat = {
  operation: 'chat',
  name: 'mlflow-serving-chat',
  answerMark: '"predictions"',
  framing: sse,
  write: writeChat,
  reader: servingReader,
  readError: readPlainError,
}

/** The same for a model whose predictions are vectors. */
export const mlflowServingEmbeddings: EmbeddingsFormat = {
  operation: 'embeddings',
  name: 'mlflow-serving-embeddings',
  answerMark: '"predictions"',
  write: writeEmbeddings,
  read: readEmbeddings,
  usage: () => undefined,
  readError: readPlainError,
}
