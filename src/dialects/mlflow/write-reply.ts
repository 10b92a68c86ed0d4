import { collectReply, type CollectedCandidate } from '../../core/collect.ts'
import type { ClientRequest, ReplyWriter } from '../../core/dialect.ts'
import type { EmbeddingsReply, ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RouteType } from '../../core/route.ts'
import { totalTokens, type Usage } from '../../core/usage.ts'
import { OpenAiReplyWriter, writeToolCalls } from '../openai/write-reply.ts'
import type { Contract } from './read-request.ts'

/** A writer for one reply on a route of this type, in the shape of this contract. Streams have 2.10's chunks in all. */
export function createWriter(contract: Contract, type: RouteType, request: ClientRequest): ReplyWriter {
  const kind = type === 'llm/v1/completions' ? 'completions' : 'chat'
  const openAi = new OpenAiReplyWriter({
    kind,
    chunkObject: kind === 'chat' ? 'chat.completion.chunk' : 'text_completion_chunk',
    showsUsage: request.showsUsage,
    showsDone: false,
    style: 'mlflow',
  })
  if (contract === '2.9') return openAi
  return {
    stream: (events) => openAi.stream(events),
    whole: (events) => writeCandidates(events, type),
    embeddings: (reply) => writeVectors(reply, type),
  }
}

function writeCandidates(events: readonly ReplyEvent[], type: RouteType): string {
  const reply = collectReply(events)
  return JSON.stringify({
    candidates: reply.candidates.map((candidate) => ({
      ...(type === 'llm/v1/chat' ? { message: writeMessage(candidate) } : { text: candidate.text }),
      metadata: { finish_reason: candidate.reason },
    })),
    metadata: writeMetadata(reply.usage, reply.model, type),
  })
}

function writeMessage({ text, toolCalls }: CollectedCandidate): JsonObject {
  const message: JsonObject = { role: 'assistant', content: text }
  if (toolCalls.length > 0) message['tool_calls'] = writeToolCalls(toolCalls)
  return message
}

function writeVectors(reply: EmbeddingsReply, type: RouteType): string {
  const { inputTokens } = reply.usage
  const outputTokens = inputTokens === undefined ? {} : { outputTokens: 0 }
  return JSON.stringify({
    embeddings: reply.vectors,
    metadata: writeMetadata({ ...outputTokens, ...reply.usage }, reply.model, type),
  })
}

function writeMetadata(usage: Usage, model: string | undefined, type: RouteType): JsonObject {
  return {
    input_tokens: usage.inputTokens ?? null,
    output_tokens: usage.outputTokens ?? null,
    total_tokens: totalTokens(usage) ?? null,
    model: model ?? null,
    route_type: type,
  }
}
