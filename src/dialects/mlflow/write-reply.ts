import { collectReply, partsOf, textOf, type CollectedCandidate } from '../../core/collect.ts'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { CandidateEnd, EmbeddingsReply, ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { MlflowRouteType } from '../../core/route.ts'
import { totalTokens, type Usage } from '../../core/usage.ts'
import { writeToolCalls } from '../openai/write-message.ts'
import { OpenAiReplyWriter } from '../openai/write-reply.ts'
import type { Contract } from './read-request.ts'

/** What the events of a reply may answer. */
export type AnsweredType = Exclude<MlflowRouteType, 'llm/v1/embeddings'>

/** A writer for one reply on a route of this type, in the shape of this contract. Streams have 2.10's chunks in all. */
export function createWriter(contract: Contract, type: AnsweredType, showsUsage: boolean): ReplyWriter {
  const kind = type === 'llm/v1/completions' ? 'completions' : 'chat'
  const openAi = new OpenAiReplyWriter({
    kind,
    chunkObject: kind === 'chat' ? 'chat.completion.chunk' : 'text_completion_chunk',
    showsUsage,
    showsDone: false,
    style: 'mlflow',
  })
  if (contract === '2.9') return openAi
  return {
    stream: (events) => openAi.stream(events),
    whole: (events) => writeCandidates(events, type),
  }
}

function writeCandidates(events: readonly ReplyEvent[], type: AnsweredType): string {
  const reply = collectReply(events)
  return JSON.stringify({
    candidates: reply.candidates.map((candidate) => ({
      ...(type === 'llm/v1/chat'
        ? { message: writeMessage(candidate) }
        : { text: textOf(candidate, 'text') }),
      metadata: { finish_reason: finishReason(candidate.end) },
    })),
    metadata: writeMetadata(reply.usage, reply.model, type),
  })
}

/** A model that MLflow serves gives none, whatever it is for other dialects. */
function finishReason(end: CandidateEnd | undefined): string | null {
  if (!end) return null
  return end.native?.dialect === 'mlflow' ? end.native.reason || null : end.reason
}

function writeMessage(candidate: CollectedCandidate): JsonObject {
  const message: JsonObject = { role: 'assistant', content: textOf(candidate, 'text') }
  const calls = partsOf(candidate, 'tool-call')
  if (calls.length > 0) message['tool_calls'] = writeToolCalls(calls)
  return message
}

/** Vectors in the shape of before 2.9. */
export function writeVectors(reply: EmbeddingsReply): string {
  const { inputTokens } = reply.usage
  const outputTokens = inputTokens === undefined ? {} : { outputTokens: 0 }
  return JSON.stringify({
    embeddings: reply.vectors,
    metadata: writeMetadata({ ...outputTokens, ...reply.usage }, reply.model, 'llm/v1/embeddings'),
  })
}

function writeMetadata(usage: Usage, model: string | undefined, type: MlflowRouteType): JsonObject {
  return {
    input_tokens: usage.inputTokens ?? null,
    output_tokens: usage.outputTokens ?? null,
    total_tokens: totalTokens(usage) ?? null,
    model: model ?? null,
    route_type: type,
  }
}
