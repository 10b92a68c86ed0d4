import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import { writeEmbeddingsRequest } from '../openai/embeddings.ts'
import { readEmbeddings } from './read-reply.ts'

/** OpenAI's request without an encoding: unasked, the vectors are signed bytes in base64, and there are no floats. */
export function writePerplexityEmbeddings(
  { encoding: _encoding, ...request }: EmbeddingsRequest,
  target: TargetModel,
): WrittenRequest {
  return writeEmbeddingsRequest(request, target)
}

/** Vectors as numbers: other clients would take the bytes for floats. */
export function readPerplexityEmbeddings(text: string): EmbeddingsReply {
  const reply = readEmbeddings(text)
  return { ...reply, vectors: reply.vectors.map(toNumbers) }
}

function toNumbers(vector: number[] | string): number[] {
  return typeof vector === 'string' ? Array.from(new Int8Array(Buffer.from(vector, 'base64'))) : vector
}
