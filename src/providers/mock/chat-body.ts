import type { Candidate, ChatAnswer, Piece } from './chat-answer.ts'
import type { StreamFault } from './faults.ts'

/** The whole answer as a `chat.completion`, as JSON text. */
export function writeCompletion(answer: ChatAnswer): string {
  return JSON.stringify({
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: answer.candidates.map((candidate, index) => ({
      index,
      message: message(candidate),
      logprobs: null,
      finish_reason: candidate.finish,
    })),
    usage: usageOf(answer),
    system_fingerprint: answer.fingerprint,
  })
}

interface Delivery {
  includeUsage: boolean
  /** What goes wrong after half of the pieces. */
  fault: StreamFault | undefined
}

/**
 * The answer as server-sent `chat.completion.chunk` events: one text with the first deltas, one per piece (candidates
 * take turns), and one with the finish, the usage when asked for, and `[DONE]`.
 */
export function* streamCompletion(answer: ChatAnswer, { includeUsage, fault }: Delivery): Generator<string> {
  const head = `data: {"id":"${answer.id}","object":"chat.completion.chunk","created":${answer.created},"model":${JSON.stringify(answer.model)},"system_fingerprint":"${answer.fingerprint}","choices":[`
  const tail = includeUsage ? '],"usage":null}\n\n' : ']}\n\n'
  const chunk = (index: number, delta: string, finish = 'null'): string =>
    `${head}{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":${finish}}${tail}`

  yield answer.candidates.map((candidate, index) => chunk(index, firstDelta(candidate))).join('')

  let left = fault ? Math.ceil(answer.completionTokens / 2) : Infinity
  const longest = Math.max(...answer.candidates.map(({ pieces }) => pieces.length))
  for (let turn = 0; turn < longest; turn++) {
    for (const [index, { pieces }] of answer.candidates.entries()) {
      const piece = pieces[turn]
      if (piece === undefined) continue
      if (left-- === 0 && fault) {
        if (fault.broken !== '') yield fault.broken
        if (fault.ends) return
      }
      yield chunk(index, delta(piece))
    }
  }

  const finishes = answer.candidates.map(({ finish }, index) => chunk(index, '{}', `"${finish}"`)).join('')
  const usage = includeUsage ? `${head}],"usage":${JSON.stringify(usageOf(answer))}}\n\n` : ''
  yield `${finishes}${usage}data: [DONE]\n\n`
}

function usageOf({ promptTokens, completionTokens }: ChatAnswer): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}

function message({ pieces }: Candidate): object {
  const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = []
  let content = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') content += piece
    else if ('name' in piece)
      calls.push({ id: piece.id, type: 'function', function: { name: piece.name, arguments: '' } })
    else {
      const called = calls[piece.call]
      if (called) called.function.arguments += piece.arguments
    }
  }
  if (calls.length === 0) return { role: 'assistant', content, refusal: null }
  return { role: 'assistant', content: null, tool_calls: calls, refusal: null }
}

function firstDelta({ pieces }: Candidate): string {
  const isCall = typeof pieces[0] === 'object'
  return `{"role":"assistant","content":${isCall ? 'null' : '""'},"refusal":null}`
}

function delta(piece: Piece): string {
  if (typeof piece === 'string') return `{"content":${JSON.stringify(piece)}}`
  const call =
    'name' in piece
      ? { index: piece.call, id: piece.id, type: 'function', function: { name: piece.name, arguments: '' } }
      : { index: piece.call, function: { arguments: piece.arguments } }
  return `{"tool_calls":[${JSON.stringify(call)}]}`
}
