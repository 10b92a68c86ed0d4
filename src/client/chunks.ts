import { answerError, asRecord, type AnswerContext } from './answer.ts'
import type { Deadline } from './deadline.ts'
import { GatewayConnectionError } from './errors.ts'
import { EventReader } from './event-reader.ts'
import { connectionError, readText } from './transport.ts'

const DONE = '[DONE]'

/**
 * The parsed events of a streamed answer. Time counts only while waiting for the gateway. Throws a
 * `GatewayRequestError` for an error event and a `GatewayConnectionError` for a stream that is cut short; whichever
 * way the loop is left, the request is over.
 */
export async function* readChunks(
  context: AnswerContext,
  deadline: Deadline,
): AsyncGenerator<unknown, void, void> {
  await refuseOtherContent(context, deadline)
  const pieces = textPieces(context, deadline)
  const events = new EventReader()
  let finished = false
  for (;;) {
    const piece = await pieces.next()
    for (const data of piece.done ? events.end() : events.push(piece.value)) {
      if (data === DONE) return
      const chunk = parseChunk(context, data, piece.done === true)
      finished ||= hasFinishReason(chunk)
      yield chunk
      // The caller may have aborted while it had the chunk.
      deadline.signal.throwIfAborted()
    }
    if (piece.done) break
  }
  if (!finished) throw truncated(context)
}

/** Servers without streaming ignore `stream: true` or answer it with a plain document. */
async function refuseOtherContent(context: AnswerContext, deadline: Deadline): Promise<void> {
  const type = context.response.headers.get('content-type') ?? ''
  if (/^text\/event-stream\b/i.test(type)) return
  const text = await readText(context, deadline)
  throw answerError(context, text, `gave no stream but ${type || 'an answer without a type'}`)
}

async function* textPieces(context: AnswerContext, deadline: Deadline): AsyncGenerator<string, void, void> {
  const reader = context.response.body?.getReader()
  if (!reader) return
  const decoder = new TextDecoder()
  for (;;) {
    deadline.start()
    const { value, done } = await reader.read().catch((thrown: unknown) => {
      throw connectionError(thrown, deadline, `The stream of ${context.what} broke off`)
    })
    deadline.pause()
    if (done) return
    yield decoder.decode(value, { stream: true })
  }
}

function parseChunk(context: AnswerContext, data: string, last: boolean): unknown {
  let chunk: unknown
  try {
    chunk = JSON.parse(data)
  } catch {
    throw last ? truncated(context) : answerError(context, data, 'streamed an event that is not JSON')
  }
  const error = asRecord(chunk)?.['error']
  if (error !== undefined && error !== null) throw answerError(context, data, 'failed while streaming')
  return chunk
}

function hasFinishReason(chunk: unknown): boolean {
  const choices = asRecord(chunk)?.['choices']
  if (!Array.isArray(choices)) return false
  return choices.some((choice) => {
    const reason = asRecord(choice)?.['finish_reason']
    return typeof reason === 'string' && reason !== ''
  })
}

function truncated(context: AnswerContext): GatewayConnectionError {
  return new GatewayConnectionError(`The stream of ${context.what} ended before the answer was whole.`)
}
